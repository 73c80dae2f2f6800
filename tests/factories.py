"""The six people of every access test, a distant follower, and their pictures."""

from __future__ import annotations

import hashlib
import io
import json
import uuid
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import product

import numpy as np
from django.utils import timezone
from PIL import Image

from accounts.models import Block, Closeness, Follow, User
from gallery import sealing, seals, storage, vault
from gallery.models import Media, Post, Rendition, Sticker, TierView
from gallery.states import State
from gallery.work import Work
from privacy import decisions
from privacy.core.image import Picture, Pixels
from privacy.core.margins import parts
from privacy.core.render import encode, placeholder, render
from privacy.core.sanitise import encode_master
from privacy.core.types import Box, Plan, Tier
from privacy.core.types import Finding as Found
from privacy.core.version import RENDERER_VERSION
from privacy.models import Finding, Scan

PASSWORD = "a long walk by the sea"


@dataclass(frozen=True, slots=True)
class People:
    """``alice`` owns; the others are named by what they are to her.

    ``bob`` follows (regular), ``carol`` is close, ``frank`` follows (distant), ``dan``
    is blocked by alice, ``erin`` is a stranger. Anonymous is ``None``.
    """

    alice: User
    bob: User
    carol: User
    dan: User
    erin: User
    frank: User


def make_user(username: str, **values: object) -> User:
    """A user who can log in with ``PASSWORD``."""
    user = User(username=username, email=f"{username}@example.org", **values)
    user.set_password(PASSWORD)
    user.save()
    return user


def make_follow(
    follower: User,
    followee: User,
    closeness: Closeness = Closeness.DISTANT,
    *,
    accepted: bool = True,
) -> Follow:
    return Follow.objects.create(
        follower=follower,
        followee=followee,
        closeness=closeness,
        accepted_at=timezone.now() if accepted else None,
    )


def people() -> People:
    """Make the six, with their ties to alice."""
    them = People(**{field.name: make_user(field.name) for field in fields(People)})
    make_follow(them.bob, them.alice, Closeness.REGULAR)
    make_follow(them.carol, them.alice, Closeness.CLOSE)
    make_follow(them.frank, them.alice, Closeness.DISTANT)
    Block.objects.create(blocker=them.alice, blocked=them.dan)
    return them


# --- posts and pictures --------------------------------------------------------------

SECRETS = {"face": "zorblat", "licence_plate": "b-np 42", "text.card": "4929 1234"}
"""What stands in the drawn picture, by category; as evidence it is canary text."""

PLACES = {
    "face": Box(0.05, 0.1, 0.3, 0.45),
    "licence_plate": Box(0.4, 0.15, 0.65, 0.4),
    "text.card": Box(0.7, 0.55, 0.95, 0.85),
}
"""By the default rules the first is hidden from FULL, the second from SEMI too, and
the third from everybody."""


def make_post(
    owner: User,
    audience: str = "everyone",
    *,
    published: bool = True,
    caption: str = "",
) -> Post:
    return Post.objects.create(
        owner=owner,
        audience=audience,
        caption=caption,
        published_at=timezone.now() if published else None,
    )


def make_media(
    owner: User,
    post: Post | None = None,
    state: State = State.READY,
    *,
    style: str = "",
    alt_text: str = "",
    alt_masked: str = "",
    stored: bool = True,
) -> Media:
    """A Media as the line leaves it, with everything that is stored of it.

    A small drawn picture, its findings, plans by the live rules, real renditions of
    each tier, and the owner's sealed copies. In a state other than READY the tiers
    are not published, as in the line itself. Without ``stored`` there are the rows
    alone, for tests that look at no bytes. ``style`` is the look of what is masked.
    """
    post = post or make_post(owner)
    picture = Picture(_drawn())
    media = Media.objects.create(
        owner=owner,
        post=post,
        position=post.media.count(),
        state=state,
        width=picture.width,
        height=picture.height,
        mask_secret=b"k" * 32,
        upload_digest=uuid.uuid4().hex,
        alt_text=alt_text,
        alt_masked=alt_masked,
    )
    scan = Scan.objects.create(
        subject=media.public_id,
        owner=owner,
        width=picture.width,
        height=picture.height,
        runs=[{"name": "drawn", "status": "ok"}],
        complete=True,
    )
    for category, box in PLACES.items():
        finding = Found(category, box, 0.9, "drawn")
        Finding.objects.create(
            scan=scan,
            region=finding.id,
            category=category,
            x0=box.x0,
            y0=box.y0,
            x1=box.x1,
            y1=box.y1,
            confidence=0.9,
            detector="drawn",
            evidence=f"looks like {SECRETS[category]}",
            style=style,
        )
    if stored:
        _seal(media)
    if state == State.READY:
        publish_tiers(media, stored=stored)
    return media


def _seal(media: Media) -> None:
    vault.ensure_key(media.owner_id)
    removed = [{"group": "gps", "name": "GPSLatitude", "value": "48.2082 N"}]
    vault.seal(media, "master", encode_master(_drawn()))
    vault.seal(media, "owner_full", _encoded(b"clear", "full", "jpeg"))
    vault.seal(media, "owner_feed", _encoded(b"clear", "feed", "jpeg"))
    vault.seal(media, "owner_thumb", _encoded(b"clear", "thumb", "jpeg"))
    vault.seal(media, "metadata", json.dumps(removed).encode())


def make_sticker(owner: User) -> Sticker:
    """A sticker as an upload leaves it: a small green square with a clear rim."""
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[4:12, 4:12] = (0, 200, 40, 255)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    row = Sticker(owner=owner, name="leaf", digest=uuid.uuid4().hex)
    kek = vault.ensure_key(owner.pk)
    sealed = vault.write(kek, row.public_id, "sticker", 1, out.getvalue())
    row.key, row.wrapped, row.bytes = sealed.key, sealed.wrapped, sealed.size
    row.save()
    return row


def publish_tiers(media: Media, *, stored: bool = True) -> None:
    """Render and publish what each tier sees of a drawn Media, by the live rules."""
    scan = decisions.current_scan(media.public_id)
    assert scan is not None
    plans, scores = decisions.plans_for(scan), decisions.scores_for(scan)
    for tier, plan in plans.items():
        _remember(plan)
        pixels = _masked(plan.digest)
        for size, form in product(("thumb", "feed", "full"), ("jpeg", "webp")):
            if stored:
                _store_rendition(media, plan.digest, size, form)
        view, _made = TierView.objects.update_or_create(
            media=media,
            tier=int(tier),
            defaults={
                "plan": plan.digest,
                "renderer": RENDERER_VERSION,
                "masked": parts(plan, media.width, media.height),
                "ready": True,
                "placeholder": placeholder(pixels),
                "risk": scores[tier].risk,
            },
        )
        seals.settle(media, view, plans)
        view.save()
    if stored:
        sealing.ensure(Work(media), plans, frozenset(Tier))


def _store_rendition(media: Media, digest: str, size: str, form: str) -> None:
    recipe = {
        "plan": digest,
        "renderer": RENDERER_VERSION,
        "size": size,
        "format": form,
    }
    if Rendition.objects.filter(media=media, **recipe).exists():
        return
    data = _encoded(digest.encode(), size, form)
    Rendition.objects.create(
        media=media,
        **recipe,
        key=storage.put(storage.renditions(), data),
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        width=media.width,
        height=media.height,
    )


_plans: dict[str, Plan] = {}


def _remember(plan: Plan) -> None:
    _plans[plan.digest] = plan


@lru_cache
def _drawn() -> Pixels:
    """120 x 80 pixels of noise, so that nothing in it could be guessed."""
    noise = np.random.default_rng(7).integers(0, 256, (80, 120, 3))
    return noise.astype(np.uint8)


@lru_cache
def _masked(digest: str) -> Pixels:
    return render(Picture(_drawn().copy()), _plans[digest], b"k" * 32)


@lru_cache
def _encoded(digest: bytes, size: str, form: str) -> bytes:
    pixels = _drawn() if digest == b"clear" else _masked(digest.decode())
    return encode(pixels, size, form)
