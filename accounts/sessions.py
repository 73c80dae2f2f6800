"""When logins end, and that open sockets hear of it at once."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models.signals import post_delete
from django.dispatch import receiver
from rest_framework.authtoken.models import Token

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
