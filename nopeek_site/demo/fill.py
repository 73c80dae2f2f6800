"""Takes the demo's posts through the very line that everybody's photos take.

Each post goes step by step, and each step asks what is there before it acts: a fill
that was interrupted goes on, and nothing is made twice. Few posts are under way at a
time, so that a visitor's own photo does not wait behind all of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from feeds import services as talk
from feeds.models import Comment, Like, Notification
from gallery import editing, services, upload
from gallery.access import access_own_post, own_media
from gallery.states import WORKING, State
from nopeek_site.demo import people, pictures
from nopeek_site.demo.photos import PhotoMissing
from nopeek_site.demo.posts import POSTS, Choice, Entry
from nopeek_site.demo.progress import Progress
from nopeek_site.demo.shelves import ensure_shelves
from nopeek_site.demo.story import post_id
from privacy import review

AHEAD = 2
"""Posts on their way through the line at a time."""
PATIENCE = 600.0
"""Seconds without any change after which the rest is left to the next start."""
_TICK = 0.3
_READ_AFTER = timedelta(hours=60)


if TYPE_CHECKING:
    # ``gallery.models`` is the gallery's own; media are only passed through here.
    Media = Any


class Step(Enum):
    """How a post stands after it was looked at."""

    DONE = "done"
    BUSY = "busy"  # something is under way
    LATER = "later"  # not begun


class Fill:
    """One run of the fill.

    Args:
        progress: kept up to date on disk.
        say: told in words what could not be done.
        posts: what to make, in this order.
    """

    def __init__(
        self,
        progress: Progress,
        say: Callable[[str], object],
        posts: Sequence[Entry] = POSTS,
    ) -> None:
        self.progress = progress
        self.say = say
        self.posts = posts
        self.users = people.everybody()
        self.lacking = False

    def run(self, wait: Callable[[float], object] = time.sleep) -> bool:
        """Go on until everything is made; False where something is left for later.

        Workers have to be running. ``wait`` is called between two looks.
        """
        left = list(self.posts)
        changed = time.monotonic()
        while left and time.monotonic() - changed < PATIENCE:
            before = (len(left), len(self.progress.posts))
            left = self._round(left)
            if (len(left), len(self.progress.posts)) != before:
                changed = time.monotonic()
            elif left:
                wait(_TICK)
        if not left:
            ensure_shelves(self.progress, self.users)
        self.progress.done = not left and not self.lacking
        self.progress.save()
        return self.progress.done

    def _round(self, entries: Sequence[Entry]) -> list[Entry]:
        """Look at each post once; returns those that are not done."""
        left, busy = [], 0
        for entry in entries:
            step = self.step(entry, begin=busy < AHEAD)
            busy += step is Step.BUSY
            if step is not Step.DONE:
                left.append(entry)
        return left

    def step(self, entry: Entry, *, begin: bool = True) -> Step:
        """Take one post as far as it goes now."""
        owner = self.users.get(entry.owner)
        if owner is None:
            return Step.DONE
        if entry.slug not in self.progress.posts:
            if not begin:
                return Step.LATER
            try:
                self._upload(entry, owner)
            except PhotoMissing as error:
                self.say(f"a post of the demo is left out for now: {error}")
                self.lacking = True
                return Step.DONE
            self.progress.posts.append(entry.slug)
            self.progress.save()
        try:
            return self._onwards(entry, owner)
        except Http404:  # deleted since: it stays away
            return Step.DONE

    def _upload(self, entry: Entry, owner: User) -> None:
        """A draft with its pictures, as if taken some minutes before it was posted."""
        taken = self._posted(entry) - timedelta(minutes=40)
        files = [
            pictures.jpeg(shot.picture, taken + timedelta(minutes=number))
            for number, shot in enumerate(entry.shots)
        ]
        with transaction.atomic():
            try:
                post = access_own_post(owner, post_id(entry.slug))
            except Http404:
                post = services.start_post(owner, entry.audience)
                post.public_id = post_id(entry.slug)
                post.created_at = taken
                post.save(update_fields=["public_id", "created_at"])
                services.describe(post, caption=entry.caption)
        for shot, data in zip(entry.shots, files, strict=True):
            media = upload.accept(owner, post, ContentFile(data))
            services.set_alt(media, alt_text=shot.alt, alt_masked=shot.alt_masked)

    def _onwards(self, entry: Entry, owner: User) -> Step:
        post = access_own_post(owner, post_id(entry.slug))
        if entry.draft:
            return Step.DONE
        media = list(own_media(owner).filter(post=post))
        states = {State(item.state) for item in media}
        if states & WORKING:
            return Step.BUSY
        if post.published_at is None:
            if states != {State.READY}:
                return Step.DONE  # its owner has to look at it, as with every photo
            for choice in entry.choices:
                for item in media:
                    _choose(item, choice)
            with transaction.atomic():
                services.publish(post)
                post.published_at = self._posted(entry)
                post.save(update_fields=["published_at"])
        _forget(owner, entry)
        return Step.DONE if self._talk(entry) else Step.BUSY

    def _talk(self, entry: Entry) -> bool:
        """Likes and remarks; False while somebody cannot see the post yet."""
        try:
            for number, name in enumerate(entry.likes.split()):
                self._like(entry, name, number)
            above: Comment | None = None
            for number, (name, words) in enumerate(entry.remarks):
                row = self._remark(entry, number, name, words, above)
                above = row if row is not None and row.parent_id is None else above
        except Http404:
            return False
        return True

    def _like(self, entry: Entry, name: str, number: int) -> None:
        post = post_id(entry.slug)
        likes = Like.objects.filter(post__public_id=post, user__username=name)
        if name not in self.users or likes.exists():
            return
        talk.like(self.users[name], post)
        at = self._moment(entry, 3 + 7 * number)
        likes.update(created_at=at)
        _date(
            at,
            verb="post.liked",
            actor__username=name,
            post__public_id=post,
        )

    def _remark(
        self, entry: Entry, number: int, name: str, words: str, above: Comment | None
    ) -> Comment | None:
        post, text = post_id(entry.slug), words.removeprefix("> ")
        if name not in self.users:
            return None
        said = Comment.objects.filter(
            post__public_id=post, author__username=name, text=text
        ).first()
        if said is not None:
            return said
        parent = above.public_id if above and words.startswith("> ") else None
        row = talk.comment(self.users[name], post, text, parent)
        at = self._moment(entry, 9 + 16 * number)
        Comment.objects.filter(pk=row.pk).update(created_at=at)
        _date(at, comment=row)
        return row

    def _posted(self, entry: Entry) -> datetime:
        return self.progress.start - timedelta(hours=entry.hours)

    def _moment(self, entry: Entry, minutes: int) -> datetime:
        return self._posted(entry) + timedelta(minutes=minutes)


def _choose(media: Media, choice: Choice) -> None:
    """What the owner switches in the composer."""
    if choice.show_from is not None:
        editing.choose_kind(
            media, choice.category, "show", choice.show_from, confirmed=True
        )
    if choice.style:
        found = review.findings(media.public_id).filter(category=choice.category)
        for region in found.values_list("region", flat=True):
            editing.change(media, region, style=choice.style)


def _date(at: datetime, **facts: object) -> None:
    """Being told of it is as old as the deed; what is old has been read."""
    rows = Notification.objects.filter(**facts)
    rows.update(created_at=at)
    if timezone.now() - at > _READ_AFTER:
        rows.update(read_at=at + timedelta(hours=1))


def _forget(owner: User, entry: Entry) -> None:
    """Nobody has to be told any more that a photo waits: it is posted."""
    Notification.objects.filter(
        to=owner, verb="media.ready", post__public_id=post_id(entry.slug)
    ).delete()
