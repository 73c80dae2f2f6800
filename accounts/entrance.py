"""Signing up without telling who is here already.

A site that sends mail asks for an address and has it confirmed, so that only whoever
reads the mail learns whether it had an account. A site that sends none has no use for
an address, does not ask for one, and has nothing to tell. Names are public.
"""

from __future__ import annotations

from typing import Any

from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import SignupForm
from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.models import User


class SignUpForm(SignupForm):  # type: ignore[misc]
    """The same work for an address with an account as for one without."""

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """allauth makes no account for the former, and so would not hash a password."""
        if self.account_already_exists:
            User().set_password(self.cleaned_data["password1"])
        made: tuple[User | None, HttpResponse | None] = super().try_save(request)
        return made


class AddEmailForm(AllauthAddEmailForm):  # type: ignore[misc]
    """Another address for an account, where it can be confirmed."""

    def clean_email(self) -> str:
        if not settings.NOPEEK_SENDS_MAIL:
            raise forms.ValidationError(
                _("This site sends no mail, so it keeps no addresses.")
            )
        given: str = super().clean_email()
        return given


class AddressStage(EmailVerificationStage):  # type: ignore[misc]
    """Who joined before the site sent mail has no address to confirm."""

    def handle(self) -> Any:
        user = self.login.user
        if user and not user.email and not EmailAddress.objects.filter(user=user):
            return None, True
        return super().handle()
