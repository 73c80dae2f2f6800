"""Pages of a person's own settings. What belongs to pictures is in ``gallery``."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form, ModelForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import services
from accounts.adapter import is_own_path
from accounts.circles import lane
from accounts.forms import (
    LanguageForm,
    PresetForm,
    PrivacyForm,
    ProfileForm,
    ThemeForm,
)
from accounts.models import User
from accounts.presets import BY_NAME, PRESETS, preset_of
from accounts.templatetags.portraits import CHOICES
from accounts.ties import ties
from accounts.views import me

YEAR = timedelta(days=365)


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The list of all settings; beside each of them on wide screens."""
    return render(request, "accounts/settings.html")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name, words about oneself, and a portrait."""
    form = ProfileForm(given(request), instance=row_of(request))
    if form.is_valid():
        return _saved(request, form, "settings-profile")
    context = {"form": form, "portraits": range(CHOICES)}
    return _page(request, "accounts/settings_profile.html", form, context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def privacy(request: HttpRequest) -> HttpResponse:
    """How near people come: one of three presets, or field by field."""
    whole = "preset" in request.POST
    preset = PresetForm(request.POST if whole else None)
    if whole and preset.is_valid():
        values = BY_NAME[preset.cleaned_data["preset"]].values
        services.update_profile(me(request), **values)
        messages.success(request, _("Saved."))
        return redirect("settings-privacy")
    form = PrivacyForm(None if whole else given(request), instance=row_of(request))
    if form.is_valid():
        return _saved(request, form, "settings-privacy")
    context = {"form": form, "presets": PRESETS, "chosen": preset_of(me(request))}
    bad = preset if whole else form
    return _page(request, "accounts/settings_privacy.html", bad, context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def language(request: HttpRequest) -> HttpResponse:
    """Language and time zone; the language is kept for the login page, too."""
    form = LanguageForm(given(request), instance=row_of(request))
    if form.is_valid():
        with translation.override(form.cleaned_data["language"]):
            response = _saved(request, form, "settings-language")
        remember_language(response, form.cleaned_data["language"])
        return response
    return _page(request, "accounts/settings_language.html", form, {"form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def appearance(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the device has it; for this browser alone."""
    now = request.COOKIES.get("theme", "system")
    form = ThemeForm(given(request), initial={"theme": now})
    if not form.is_valid():
        page = "accounts/settings_appearance.html"
        return _page(request, page, form, {"form": form, "theme": now})
    messages.success(request, _("Saved."))
    response = redirect("settings-appearance")
    if form.cleaned_data["theme"] == "system":
        response.delete_cookie("theme", samesite="Lax")
    else:
        _keep(response, "theme", form.cleaned_data["theme"])
    return response


@login_required
@require_GET
def blocked(request: HttpRequest) -> HttpResponse:
    """Whom one has blocked or muted, and the way back."""
    lists = [
        {"name": name, "ties": ties(me(request), lane(me(request), name))}
        for name in ("blocked", "muted")
    ]
    return render(request, "accounts/settings_blocked.html", {"lists": lists})


@require_POST
def language_for_now(request: HttpRequest) -> HttpResponse:
    """The language of this browser, for people who are not logged in."""
    where = request.POST.get("next")
    response = redirect(where if where and is_own_path(request, where) else "home")
    code = request.POST.get("language", "")
    if code in dict(settings.LANGUAGES):
        remember_language(response, code)
    return response


def given(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with; an empty form was sent, too."""
    return request.POST if request.method == "POST" else None


def row_of(request: HttpRequest) -> User:
    """A row of its own: a form that does not validate must not colour the page's user."""
    return User.objects.get(pk=me(request).pk)


def remember_language(response: HttpResponse, code: str) -> None:
    """In the cookie that Django reads for people who are not logged in."""
    _keep(response, settings.LANGUAGE_COOKIE_NAME, code)


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=YEAR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _saved(request: HttpRequest, form: ModelForm[User], name: str) -> HttpResponse:
    services.update_profile(me(request), **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect(name)


def _page(
    request: HttpRequest,
    template: str,
    form: Form | ModelForm[User],
    context: dict[str, object],
) -> HttpResponse:
    return render(request, template, context, status=422 if form.errors else 200)
