"""Names of the groups that sockets are in: one a person, made here and told to nobody."""

from __future__ import annotations

from django.utils.crypto import salted_hmac


def group_of(public_id: object) -> str:
    """The group of all sockets of one user. Nobody can name another's (W2)."""
    digest = salted_hmac("feeds.sockets", str(public_id), algorithm="sha256")
    return f"person.{digest.hexdigest()}"
