"""The first run, in three steps: who you are, how near people come, the first deed.

It is shown after signing up. Each step can be left for later; home leads back to the
step where it stopped until it is done or dismissed.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import services
from accounts.forms import PresetForm, WhoForm
from accounts.models import User
from accounts.presets import BY_NAME, PRESETS, preset_of
from accounts.settings_pages import given, remember_language, row_of
from accounts.templatetags.portraits import CHOICES
from accounts.views import me

STEPS = (1, 2, 3)


def reach(user: User, step: int) -> None:
    """Remember that ``user`` has come to ``step``; never goes back."""
    User.objects.filter(pk=user.pk, welcome_step__lt=step).update(welcome_step=step)


@login_required
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Where it stopped last time."""
    return redirect("welcome-step", step=min(max(me(request).welcome_step, 1), 3))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, step: int) -> HttpResponse:
    """One of the three steps."""
    if step not in STEPS:
        raise Http404
    reach(me(request), step)
    return (_who, _near, _deed)[step - 1](request)


def _who(request: HttpRequest) -> HttpResponse:
    form = WhoForm(given(request), instance=row_of(request))
    if form.is_valid():
        services.update_profile(me(request), **form.cleaned_data)
        with translation.override(form.cleaned_data["language"]):
            response = redirect("welcome-step", step=2)
        remember_language(response, form.cleaned_data["language"])
        return response
    return _page(request, 1, form=form, portraits=range(CHOICES), bad=form.errors)


def _near(request: HttpRequest) -> HttpResponse:
    form = PresetForm(given(request))
    if form.is_valid():
        chosen = BY_NAME[form.cleaned_data["preset"]]
        services.update_profile(me(request), **chosen.values)
        return redirect("welcome-step", step=3)
    chosen_name = preset_of(me(request)) or "balanced"
    return _page(request, 2, presets=PRESETS, chosen=chosen_name, bad=form.errors)


def _deed(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return redirect("welcome-step", step=3)
    return _page(request, 3)


def _page(request: HttpRequest, number: int, **context: object) -> HttpResponse:
    facts = {"step": number, "steps": STEPS, **context}
    status = 422 if context.get("bad") else 200
    return render(request, f"accounts/welcome_{number}.html", facts, status=status)


@login_required
@require_POST
def done(request: HttpRequest) -> HttpResponse:
    """Done or dismissed: nothing asks again. ``next`` names a page of the last step."""
    User.objects.filter(pk=me(request).pk).update(welcomed_at=timezone.now())
    where = request.POST.get("next", "")
    return redirect(where if where in ("share", "explore", "people") else "home")
