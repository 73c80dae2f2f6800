"""What owners do with their posts and media. Each verb is atomic and safe to repeat.

Who may call them is decided at the door (``access.access_own_post`` and
``access_own_media``); a verb takes what came through it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from gallery import events, moves, tasks, vault
from gallery.audience import (
    NeedsConfirmation,
    gains_by_audience,
    gains_by_mask,
    is_looser,
    looser_tiers,
    reached,
)
from gallery.erasure import Receipt, delete_media, delete_post, erase_account
from gallery.models import Audience, Link, Media, Post
from gallery.states import State
from privacy import decisions
from privacy.core.types import Plan, Tier
from privacy.personal import learning

__all__ = ["Receipt", "delete_media", "delete_post", "erase_account"]


class Refused(Exception):
    """It cannot be done now; the text says why and what to do, ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def start_post(owner: User, audience: str = "") -> Post:
    """A draft: nobody but its owner knows of it. Its audience is the owner's usual one."""
    return Post.objects.create(owner=owner, audience=audience or owner.first_audience)


@transaction.atomic
def describe(
    post: Post,
    *,
    caption: str | None = None,
    comments_open: bool | None = None,
    saving_open: bool | None = None,
) -> Post:
    """Set the words of a post and what is offered with it; what is None stays."""
    row = _locked(post)
    if caption is not None:
        row.caption = caption
    if comments_open is not None:
        row.comments_open = comments_open
    if saving_open is not None:
        row.saving_open = saving_open
    row.version += 1
    row.save(update_fields=["caption", "comments_open", "saving_open", "version"])
    _tell(row)
    return row


def set_alt(
    media: Media, *, alt_text: str | None = None, alt_masked: str | None = None
) -> None:
    """Set the words for a picture: for those who see all of it, and for the others."""
    changes = {"alt_text": alt_text, "alt_masked": alt_masked}
    fields = [name for name, value in changes.items() if value is not None]
    for name in fields:
        setattr(media, name, changes[name])
    media.save(update_fields=fields)
    _tell(media.post)


@transaction.atomic
def set_audience(post: Post, audience: str, *, confirmed: bool = False) -> Post:
    """Who may see the post, from the commit on. Tightening needs no question.

    Raises:
        NeedsConfirmation: a published post would reach more people than now.
    """
    row = _locked(post)
    if row.audience == audience:
        return row
    if row.published_at and is_looser(row.audience, audience) and not confirmed:
        raise NeedsConfirmation(gains_by_audience(row, audience))
    row.audience = Audience(audience).value
    row.version += 1
    row.save(update_fields=["audience", "version"])
    if row.audience == Audience.ONLY_ME:  # "only me" means links too, and for good
        _note_private(row)
        Link.objects.live().filter(post=row).update(revoked_at=timezone.now())
    _tell(row)
    return row


@transaction.atomic
def publish(post: Post) -> Post:
    """The post is out, and each of its audience gets their own pixels.

    Raises:
        Refused: there is no picture in it, or one that is not ready.
    """
    row = _locked(post)
    if row.published_at:
        return row
    states = list(row.media.values_list("state", flat=True))
    if not states:
        raise Refused("no_media", _("Add at least one photo first."))
    waiting = [state for state in states if state != State.READY]
    if waiting:
        raise Refused(
            "not_ready",
            _("Not every photo is ready yet. Wait for it, or remove it from the post."),
        )
    row.published_at = timezone.now()
    row.version += 1
    row.save(update_fields=["published_at", "version"])
    row.media.filter(reviewed_at__isnull=True).update(reviewed_at=timezone.now())
    events.post_published(row, reached(row.owner))
    return row


@transaction.atomic
def retry(media: Media) -> bool:
    """Send a picture through the line once more: from the scan where it is clean.

    Returns whether anything was to be retried.

    Raises:
        Refused: its bytes are not a picture that is accepted, so no retry will help.
    """
    if media.state == State.REJECTED:
        raise Refused("rejected", _("This file cannot be used: upload another one."))
    if media.state == State.READY and media.problem_code == "not_rendered":
        media.attempts = 0
        media.save(update_fields=["attempts"])
        tasks.enqueue_render(media.public_id)
        return True
    clean = vault.has(media, "master")
    goal = {
        State.FAILED: State.SCANNING if clean else State.UPLOADED,
        State.NEEDS_REVIEW: State.SCANNING,
    }.get(State(media.state))
    if goal is None or not moves.move(media, goal, problem="", problem_code=""):
        return False
    tasks.enqueue_advance(media.public_id)
    return True


@transaction.atomic
def order_media(post: Post, wanted: Sequence[UUID]) -> None:
    """Put the pictures of a post into this order; others keep theirs, behind."""
    row = _locked(post)
    media = {item.public_id: item for item in row.media.order_by("position", "pk")}
    ordered = [media.pop(key) for key in wanted if key in media]
    for position, item in enumerate([*ordered, *media.values()]):
        Media.objects.filter(pk=item.pk).update(position=position)
    _tell(row)


def guarded(
    media: Media,
    change: Callable[[], object],
    plans: Callable[[], dict[Tier, Plan]],
    *,
    confirmed: bool,
) -> None:
    """Carry out a change of what is masked, unless it shows more and nobody agreed.

    Args:
        change: makes the change, within the transaction around it.
        plans: the plans as of now; asked before and after.

    Raises:
        NeedsConfirmation: the change was undone; a published post would show more.
    """
    with transaction.atomic():
        # One editor at a time, so that what is compared is what is changed (R8).
        post = _locked(media.post)
        before = plans()
        change()
        if post.published_at and not confirmed:
            gains = gains_by_mask(post, looser_tiers(before, plans()))
            if gains:
                raise NeedsConfirmation(gains)
        Post.objects.filter(pk=post.pk).update(version=F("version") + 1)
        Media.objects.filter(pk=media.pk).update(reviewed_at=timezone.now())
        _tell(post)


def _note_private(post: Post) -> None:
    for public_id in post.media.values_list("public_id", flat=True):
        scan = decisions.current_scan(public_id)
        if scan is not None:
            learning.note_private(scan)


def _locked(post: Post) -> Post:
    return Post.objects.select_for_update().select_related("owner").get(pk=post.pk)


def _tell(post: Post) -> None:
    if post.published_at:
        events.post_changed(post, reached(post.owner))
