"""What people do with posts. Each verb asks the one door first, and may be repeated."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.events import Event, publish
from accounts.models import User
from accounts.relations import visible_people
from feeds.models import Comment, Like, Notification
from feeds.timeline import visible_comments
from gallery.access import PostGrant, access_post

LONGEST = 1000
MOST_MENTIONS = 10
_MENTION = re.compile(r"(?<![\w@.])@([a-zA-Z0-9_.]{2,29}[a-zA-Z0-9_])")


class Refused(Exception):
    """It cannot be done; the text says why, ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def like(user: User, post: uuid.UUID) -> None:
    """Raises Http404 where the post may not be seen."""
    grant = access_post(user, post)
    try:
        with transaction.atomic():
            _row, created = Like.objects.get_or_create(post_id=grant.post_id, user=user)
            if created:
                _tell("post.liked", user, grant.owner.public_id, grant.public_id)
    except IntegrityError as error:  # the post went while we looked
        raise Http404 from error


def unlike(user: User, post: uuid.UUID) -> None:
    """Raises Http404 where the post may not be seen."""
    grant = access_post(user, post)
    Like.objects.filter(post=grant.post_id, user=user).delete()


def comment(
    user: User, post: uuid.UUID, text: str, parent: uuid.UUID | None = None
) -> Comment:
    """Say something below a post, or reply to what was said.

    A reply to a reply goes below the same comment. Who is named with ``@`` is told,
    if they may see the post.

    Raises:
        Http404: the post, or the comment above, is not there for ``user``.
        Refused: nothing said, too much said, or comments are closed.
    """
    grant = access_post(user, post)
    text = text.replace("\x00", "").strip()
    if not text:
        raise Refused("empty", _("Write something first."))
    if len(text) > LONGEST:
        raise Refused("too_long", _("At most 1000 characters."))
    if not grant.comments_open and not grant.mine:
        raise Refused("closed", _("Comments are closed here."))
    try:
        with transaction.atomic():
            above = _above(user, grant, parent)
            row = Comment.objects.create(
                post_id=grant.post_id, author=user, parent=above, text=text
            )
            _tell_of_comment(row, grant, parent)
    except IntegrityError as error:  # the post went while we looked
        raise Http404 from error
    return row


def _above(user: User, grant: PostGrant, parent: uuid.UUID | None) -> Comment | None:
    if parent is None:
        return None
    row = (
        visible_comments(user)
        .filter(post=grant.post_id, public_id=parent)
        .select_related("parent")
        .first()
    )
    if row is None:
        raise Http404
    return row.parent or row


def _tell_of_comment(row: Comment, grant: PostGrant, parent: uuid.UUID | None) -> None:
    """Each person once: for the reply, else for being named, else as the owner."""
    told = {row.author.public_id}
    if parent is not None:
        answered = User.objects.get(comments__public_id=parent).public_id
        if answered not in told:
            _tell("comment.replied", row.author, answered, row.public_id)
            told.add(answered)
    for person in mentioned(row.author, row.text):
        if person.public_id not in told:
            _tell("comment.mentioned", row.author, person.public_id, row.public_id)
            told.add(person.public_id)
    if grant.owner.public_id not in told:
        _tell("comment.added", row.author, grant.owner.public_id, row.public_id)


def mentioned(by: User, text: str) -> list[User]:
    """People named with ``@`` in ``text`` who are there for ``by``."""
    names = {name.lower() for name in _MENTION.findall(text)}
    if not names:
        return []
    found = visible_people(by).alias(folded=Lower("username"))
    return list(found.filter(folded__in=names).order_by("pk")[:MOST_MENTIONS])


def delete_comment(user: User, public_id: uuid.UUID) -> uuid.UUID:
    """Remove a comment with its replies: one's own, or any below one's own post.

    Returns the public id of the post.

    Raises:
        Http404: there is none, or it is neither.
    """
    row = (
        Comment.objects.filter(Q(author=user) | Q(post__owner=user))
        .filter(public_id=public_id)
        .select_related("post")
        .first()
    )
    if row is None:
        raise Http404
    post: uuid.UUID = row.post.public_id
    row.delete()
    return post


def read_notifications(user: User, only: Iterable[uuid.UUID] | None = None) -> None:
    """Everything that ``user`` was told of until now counts as read, or ``only`` that."""
    rows = Notification.objects.filter(to=user, read_at__isnull=True)
    if only is not None:
        rows = rows.filter(public_id__in=only)
    rows.update(read_at=timezone.now())


def _tell(name: str, by: User, to: uuid.UUID, subject: uuid.UUID) -> None:
    if to != by.public_id:
        publish(Event(name, (str(to),), str(by.public_id), str(subject)))
