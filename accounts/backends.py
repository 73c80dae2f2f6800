"""Who may hold a session, and who may call the API with a token."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest
from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import AuthenticationFailed

from accounts.models import User


class PresentBackend(AuthenticationBackend):  # type: ignore[misc]
    """Password login by name or address, for people who take part.

    Django asks ``user_can_authenticate`` again on every request that carries a
    session, so a suspension ends each of them at once.
    """

    def authenticate(
        self, request: HttpRequest | None, **credentials: Any
    ) -> User | None:
        """One look-up and one hash for every name, known or not.

        allauth hands over an address as name and as address and would try both, which
        takes twice as long for the addresses that exist. Names have no ``@``.
        """
        given = str(credentials.get("username") or credentials.get("email") or "")
        kind = "email" if "@" in given else "username"
        found: User | None = super().authenticate(
            request, **{kind: given, "password": credentials.get("password")}
        )
        return found

    def user_can_authenticate(self, user: User) -> bool:
        return user.is_present


class PresentToken(TokenAuthentication):
    """``Authorization: Token …`` of a person who takes part."""

    def authenticate_credentials(self, key: str) -> tuple[User, Token]:
        user, token = super().authenticate_credentials(key)
        if not user.is_present:
            raise AuthenticationFailed
        return user, token
