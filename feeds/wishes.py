"""What a person wants to be told of, kind by kind, and whether by mail as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from feeds.models import Wish


@dataclass(frozen=True, slots=True)
class Kind:
    """Notifications that are wished for together."""

    name: str
    label: str | Promise
    words: str | Promise
    verbs: tuple[str, ...]


KINDS = (
    Kind(
        "follows",
        _("Followers"),
        _("Somebody asks to follow you, follows you, or lets you in."),
        ("follow.requested", "follow.started", "follow.accepted"),
    ),
    Kind("likes", _("Likes"), _("Somebody likes a post of yours."), ("post.liked",)),
    Kind(
        "comments",
        _("Comments"),
        _("Somebody comments on your post or replies to you."),
        ("comment.added", "comment.replied"),
    ),
    Kind(
        "mentions",
        _("Mentions"),
        _("Somebody names you in a post or a comment."),
        ("post.mentioned", "comment.mentioned"),
    ),
    Kind(
        "photos",
        _("Your photos"),
        _("A photo is ready to look over, or needs you."),
        ("media.ready", "media.stopped"),
    ),
    Kind("exports", _("Exports"), _("Your export can be fetched."), ("export.ready",)),
)
KIND_OF = {verb: kind.name for kind in KINDS for verb in kind.verbs}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whether something is told at all, and by mail as well. Never by mail alone."""

    in_app: bool = True
    by_mail: bool = False


def mail_is_set_up() -> bool:
    """Whether the operator has named a mail server (``EMAIL_URL``)."""
    return bool(settings.NOPEEK_SENDS_MAIL)


def wishes_of(user: User) -> dict[str, Wanted]:
    """By name of the kind; what was never set is told here and not by mail."""
    rows = {row.kind: row for row in Wish.objects.filter(user=user)}
    return {
        kind.name: Wanted(row.in_app, row.by_mail)
        if (row := rows.get(kind.name))
        else Wanted()
        for kind in KINDS
    }


def wanted(user: User, verb: str) -> Wanted:
    """What ``user`` wishes for one verb; a verb without a kind is always told."""
    kind = KIND_OF.get(verb)
    row = Wish.objects.filter(user=user, kind=kind).first() if kind else None
    return Wanted(row.in_app, row.by_mail) if row else Wanted()


@transaction.atomic
def set_wishes(user: User, given: Mapping[str, Wanted]) -> None:
    """Keep the wishes for the kinds that are named; what is told by mail is told here."""
    for kind in KINDS:
        if wish := given.get(kind.name):
            Wish.objects.update_or_create(
                user=user,
                kind=kind.name,
                defaults={
                    "in_app": wish.in_app,
                    "by_mail": wish.by_mail and wish.in_app,
                },
            )
