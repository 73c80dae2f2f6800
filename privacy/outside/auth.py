"""Who asks: another program with a key, in the name of the key's owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from privacy.outside.keys import access_key
from privacy.outside.models import ApiKey
from privacy.outside.problems import Problem


@dataclass(frozen=True, slots=True)
class Caller:
    """The key that was shown, and its text, which opens its jobs."""

    key: ApiKey
    text: str


class KeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer npk_…``. Nothing else says who one is here."""

    def authenticate(self, request: Request) -> tuple[Any, Caller] | None:
        word, _space, text = (
            get_authorization_header(request).decode("latin-1").partition(" ")
        )
        if word.lower() != "bearer":
            return None
        key = access_key(text.strip())
        if key is None:
            raise AuthenticationFailed("This key does not hold (any more).")
        if key.origin != request.headers.get("Origin", ""):
            # A page's key is of use in that page alone; another one in none.
            raise Problem(403, "origin", "This key is not for this web page.")
        return key.owner, Caller(key, text.strip())

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="NoPeek"'


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names it."""

    target_class = "privacy.outside.auth.KeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "npk_…"}


def caller(request: Request, scope: str) -> Caller:
    """Who asks, if the key may do this.

    Raises:
        NotAuthenticated, Problem: no key; or 403, one for something else.
    """
    found = request.auth
    if not isinstance(found, Caller):
        raise NotAuthenticated
    if found.key.scope not in (scope, ApiKey.Scope.PROTECT):
        said = f"This key may {found.key.scope} alone. Make one that may {scope}."
        raise Problem(403, "scope", said)
    return found
