"""When logins end, and that open sockets hear of it at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.usersessions.middleware import UserSessionsMiddleware
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac
from rest_framework.authtoken.models import Token

from accounts.addresses import client_ip
from accounts.events import Event, publish
from accounts.models import User


def announce_end(user: User) -> None:
    """Some login of ``user`` may be over: each open socket looks whether it is its own."""
    publish(Event("session.ended", to=(str(user.public_id),)))


class EndOtherLogins:
    """A "password validator" for its second hook: Django calls it on every change.

    Sessions die by themselves, since they carry a hash of the password; API tokens do
    not, so they are removed here, and open sockets are told.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        """Any password will do for this one."""

    def get_help_text(self) -> str:
        return ""

    def password_changed(self, password: str, user: User | None = None) -> None:
        if user is not None and user.pk is not None:
            Token.objects.filter(user=user).delete()
            announce_end(user)


@receiver(post_delete, sender=Session)
def _session_ended(sender: Any, instance: Session, **_kwargs: Any) -> None:
    """Logged out here, or ended from the list of one's devices."""
    key = instance.get_decoded().get(SESSION_KEY)
    user = User.objects.filter(pk=key).first() if key else None
    if user is not None:
        announce_end(user)


class SeenNowAndThen(UserSessionsMiddleware):  # type: ignore[misc]
    """allauth's list of devices, kept without a write at every request.

    When a session was last seen is written once in five minutes, and never for the
    bytes of pictures: a page has dozens of them.
    """

    EVERY = timedelta(minutes=5)
    NEVER_FOR = ("/m/",)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self._is_due(request):
            answer: HttpResponseBase = super().__call__(request)
        else:
            answer = self.get_response(request)
        return answer

    def _is_due(self, request: HttpRequest) -> bool:
        key = getattr(getattr(request, "session", None), "session_key", None)
        if not key or request.path.startswith(self.NEVER_FOR):
            return False
        # A new device is written at once: another address or browser, too.
        facts = (client_ip(request), request.META.get("HTTP_USER_AGENT", ""))
        mark = salted_hmac("accounts.seen", "\n".join((key, *facts))).hexdigest()
        try:
            return bool(cache.add(f"seen.{mark}", 1, self.EVERY.total_seconds()))
        except Exception:  # noqa: BLE001 - a cache that is away costs a write, no page
            return True
