"""How allauth behaves on this site."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language

from accounts.addresses import client_ip
from accounts.models import User

_HOST_FOLLOWS = ("/", "\\", "\t", "\r", "\n")
"""What browsers, after a slash, take for the start of a host name or leave out."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """The site's own rules for signing up and logging in."""

    def is_safe_url(self, url: str | None) -> bool:
        """Whether ``next`` may be followed: a path on this very host, nothing else.

        allauth would also accept the other hosts of ``ALLOWED_HOSTS``.
        """
        return is_own_path(context.request, url)

    def pre_login(
        self, request: HttpRequest, user: User, **options: Any
    ) -> HttpResponse | None:
        """Suspended people get the page of deactivated ones, not a dead session."""
        if not user.is_present:
            inactive: HttpResponse = self.respond_user_inactive(request, user)
            return inactive
        response: HttpResponse | None = super().pre_login(request, user, **options)
        return response

    def save_user(
        self, request: HttpRequest, user: User, form: Any, commit: bool = True
    ) -> User:
        """A newcomer has the language of the page they signed up on, and a first run."""
        user.language = get_language() or user.language
        user.welcome_step = 1
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return reverse("welcome")

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The first run, for who has only confirmed an address since signing up."""
        user = request.user
        if isinstance(user, User) and user.welcome_step == 1 and not user.welcomed_at:
            return reverse("welcome")
        default: str = super().get_login_redirect_url(request)
        return default

    def get_login_stages(self) -> list[str]:
        """allauth's own, but nobody is asked to confirm an address they never gave."""
        theirs = "allauth.account.stages.EmailVerificationStage"
        ours = "accounts.entrance.AddressStage"
        stages: list[str] = super().get_login_stages()
        return [ours if stage == theirs else stage for stage in stages]

    def get_client_ip(self, request: HttpRequest) -> str:
        """As axes and the API count it (see ``accounts.addresses``)."""
        if address := client_ip(request):
            return address
        raise PermissionDenied


def is_own_path(request: HttpRequest, url: str | None) -> bool:
    """Whether ``url`` is a path of this site that a redirect may go to."""
    if not url or not url.startswith("/") or url[1:2] in _HOST_FOLLOWS:
        return False
    return url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
