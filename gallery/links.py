"""Links: one post, at one tier, for whoever has the address, until it ends.

A link holds no pixels and no rights of its own: what it shows is asked of the one door
for every page and every picture (``access.access_linked``). docs/sharing.md says what
it promises, docs/adr/0008 why it is so.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.core import signing
from django.db import transaction
from django.db.models import F
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from gallery.models import Audience, Link, Post
from gallery.services import Refused
from privacy.core.types import Tier

DAYS = (1, 7, 30, 90)
"""How long a link may last; there is none without an end."""
DEFAULT_DAYS = 7
LEAST_PASSWORD = 6
MOST_LIVE = 50
"""Links of one post that hold at a time."""
VISIT = timedelta(minutes=30)
"""How long an opening of a guarded link lasts, page and pictures."""
_SALT = "gallery.links.visit"


class TierNeedsConfirmation(Exception):
    """The link would show what close friends see; the owner has to say yes first."""


def make(
    post: Post,
    *,
    tier: Tier = Tier.FULL,
    days: int = DEFAULT_DAYS,
    password: str = "",
    most: int | None = None,
    name: str = "",
    confirmed: bool = False,
) -> tuple[Link, str]:
    """A new link to a published post, and its token, which is not kept.

    Raises:
        Refused: the post cannot be linked, or the terms make no sense.
        TierNeedsConfirmation: ``Tier.NONE`` and nobody has said yes.
    """
    if days not in DAYS:
        raise Refused("days", _("A link lasts 1, 7, 30 or 90 days."))
    if password and len(password) < LEAST_PASSWORD:
        raise Refused(
            "password",
            _("The password is too short: at least %(n)d characters.")
            % {"n": LEAST_PASSWORD},
        )
    if most is not None and not 1 <= most <= 1000:
        raise Refused("most", _("A link opens 1 to 1000 times, or without a limit."))
    if tier is Tier.NONE and not confirmed:
        raise TierNeedsConfirmation
    token = secrets.token_urlsafe(24)  # 192 bits
    hashed = make_password(password) if password else ""
    with transaction.atomic():
        # The lock keeps the post from being closed between this look and the row.
        row = Post.objects.select_for_update().get(pk=post.pk)
        if row.published_at is None:
            raise Refused("draft", _("Post it first: a draft has no links."))
        if row.audience == Audience.ONLY_ME:
            raise Refused(
                "only_me",
                _("This post is for you alone. Choose another audience, then link it."),
            )
        if Link.objects.live().filter(post=row).count() >= MOST_LIVE:
            raise Refused("too_many", _("That is enough links: revoke one first."))
        link = Link.objects.create(
            post=row,
            token_hash=hashed_token(token),
            name=name.strip()[:60],
            tier=int(tier),
            password=hashed,
            most=most,
            expires_at=timezone.now() + timedelta(days=days),
        )
    return link, token


def revoke(link: Link) -> None:
    """Over from the commit on, whoever is looking at it. Safe to repeat."""
    Link.objects.filter(pk=link.pk, revoked_at__isnull=True).update(
        revoked_at=timezone.now()
    )


def find(token: str) -> Link:
    """The link of a token, if it holds.

    Raises:
        Http404: it never was, or is over; the two do the same and look the same.
    """
    link = (
        Link.objects.live()
        .select_related("post")
        .filter(token_hash=hashed_token(token))
        .first()
    )
    if link is None:
        raise Http404
    return link


def count_opening(link: Link) -> None:
    """Count one more, unless the limit is reached: one conditional UPDATE.

    Raises:
        Http404: it has been opened as often as it may be, or is over by now.
    """
    rows = Link.objects.live().with_openings_left().filter(pk=link.pk)
    if not rows.update(opened=F("opened") + 1):
        raise Http404


def has_openings_left(link: Link) -> bool:
    return Link.objects.live().with_openings_left().filter(pk=link.pk).exists()


def is_right(link: Link, password: str) -> bool:
    """Whether this is the link's password.

    The attempt is counted before it is looked at and taken back if it was right, so
    that many at once are no more than one after the other.

    Raises:
        Http404: the link is over, by too many of them perhaps.
    """
    if not link.password:
        return True
    rows = Link.objects.filter(pk=link.pk)
    if not rows.live().update(failures=F("failures") + 1):
        raise Http404
    if not check_password(password, link.password):
        return False
    rows.update(failures=F("failures") - 1)
    return True


def visit(link: Link) -> str:
    """Proof that a guarded link was opened just now, for the visitor's cookie."""
    return signing.dumps(str(link.public_id), salt=_SALT)


def is_visit(link: Link, proof: str) -> bool:
    """Whether the proof is of this link and of the last ``VISIT``."""
    try:
        return bool(
            signing.loads(proof, salt=_SALT, max_age=VISIT) == str(link.public_id)
        )
    except signing.BadSignature:
        return False


def hashed_token(token: str) -> str:
    """What is kept of a token. A random one of 192 bits needs no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
