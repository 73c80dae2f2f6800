"""What stands in an export: a user's own things whole, others' as the user sees them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from accounts.circles import LANES, lane
from accounts.models import User
from gallery import stickers, storage, vault, withholding
from gallery.access import (
    grants_for,
    own_albums,
    own_links,
    own_media,
    own_posts,
    visible_posts,
)
from gallery.models import Media, Rendition, TierView
from gallery.people import floors
from privacy.core.types import Tier
from privacy.models import Finding
from privacy.personal import learning

ENDINGS = {"jpeg": "jpg", "webp": "webp", "avif": "avif"}


def everything(owner: User) -> Iterator[tuple[str, bytes]]:
    """Names in the zip with their bytes, one at a time."""
    yield "profile.json", _json(_profile(owner))
    yield "people.json", _json(_people(owner))
    yield "posts.json", _json([_post(post) for post in own_posts(owner)])
    yield "comments.json", _json(_comments(owner))
    yield "albums.json", _json([_album(album) for album in own_albums(owner)])
    yield "faces.json", _json(_faces(owner))
    yield "learned.json", _json(learning.told(owner.pk))
    yield "links.json", _json([_link(link) for link in own_links(owner)])
    for media in own_media(owner).order_by("pk"):
        yield from _picture(media)
    for sticker in stickers.of(owner.pk):
        yield f"stickers/{sticker.public_id}.png", stickers.read(sticker)
    yield from _liked(owner)


def _profile(owner: User) -> dict[str, Any]:
    return {
        "username": owner.username,
        "email": owner.email,
        "name": owner.display_name,
        "about": owner.bio,
        "approves_followers": owner.approves_followers,
        "language": owner.language,
        "time_zone": owner.time_zone,
        "first_audience": owner.first_audience,
        "caution": owner.caution,
        "portrait": owner.portrait,
        "joined": owner.date_joined.isoformat(),
    }


def _people(owner: User) -> dict[str, list[str]]:
    """Names only. How close others hold the owner is theirs, and not in here."""
    return {
        name: list(lane(owner, name).values_list("username", flat=True))
        for name in LANES
    }


def _post(post: Any) -> dict[str, Any]:
    return {
        "id": str(post.public_id),
        "caption": post.caption,
        "audience": post.audience,
        "created": post.created_at.isoformat(),
        "published": post.published_at.isoformat() if post.published_at else None,
        "media": [
            str(key)
            for key in post.media.order_by("position").values_list(
                "public_id", flat=True
            )
        ],
        "comments": [
            {"by": by, "text": text, "at": at.isoformat()}
            for by, text, at in post.comments.order_by("created_at").values_list(
                "author__username", "text", "created_at"
            )
        ],
        "liked_by": list(post.likes.values_list("user__username", flat=True)),
    }


def _album(album: Any) -> dict[str, Any]:
    items = album.items.order_by("position", "pk")
    return {
        "id": str(album.public_id),
        "name": album.name,
        "audience": album.audience,
        "rules": floors.body_of(album.pk),
        "media": [str(key) for key in items.values_list("media__public_id", flat=True)],
    }


def _faces(owner: User) -> list[dict[str, Any]]:
    """Who was named and where they are; the numbers of faces stay behind.

    They are of other people as well, and good for nothing but comparing faces.
    """
    return [
        {
            "id": str(person.public_id),
            "name": person.name,
            "wish": person.wish,
            "faces": [
                {"media": str(media), "region": region}
                for media, region in person.faces.order_by("pk").values_list(
                    "media__public_id", "region"
                )
            ],
        }
        for person in owner.faces_named.order_by("pk")
    ]


def _link(link: Any) -> dict[str, Any]:
    """Its terms; neither its address nor its password is kept anywhere."""
    return {
        "id": str(link.public_id),
        "post": str(link.post.public_id),
        "name": link.name,
        "tier": Tier(link.tier).word,
        "password": bool(link.password),
        "opened": link.opened,
        "most": link.most,
        "created": link.created_at.isoformat(),
        "expires": link.expires_at.isoformat(),
        "ending": link.ending,
    }


def _comments(owner: User) -> list[dict[str, str]]:
    return [
        {"post": str(post), "text": text, "at": at.isoformat()}
        for post, text, at in owner.comments.order_by("created_at").values_list(
            "post__public_id", "text", "created_at"
        )
    ]


def _picture(media: Media) -> Iterator[tuple[str, bytes]]:
    """One own photo: the clean original, what tiers see of it, and what is known."""
    folder = f"media/{media.public_id}"
    yield f"{folder}/report.json", _json(_report(media))
    # What is withheld goes to nobody, its owner included.
    withheld = media.problem_code == withholding.WITHHELD
    for kind in () if withheld else ("master", "raw", "metadata"):
        if vault.has(media, kind):
            data = vault.open_sealed(media, kind)
            yield f"{folder}/{_named(kind, data)}", data
    for view in TierView.objects.filter(media=media, ready=True).order_by("tier"):
        for row in Rendition.objects.filter(
            media=media, plan=view.plan, renderer=view.renderer
        ):
            name = f"{Tier(view.tier).word}-{row.size}.{ENDINGS[row.format]}"
            data = storage.get(storage.renditions(), row.key)
            yield f"{folder}/seen-at/{name}", data


def _report(media: Media) -> dict[str, Any]:
    findings = Finding.objects.filter(
        scan__subject=media.public_id, scan__current=True
    ).order_by("region")
    return {
        "id": str(media.public_id),
        "post": str(media.post.public_id),
        "state": media.state,
        "width": media.width,
        "height": media.height,
        "alt": media.alt_text,
        "alt_where_masked": media.alt_masked,
        "uploaded": media.created_at.isoformat(),
        "risk": {
            Tier(view.tier).word: view.risk for view in media.views.order_by("tier")
        },
        "findings": [
            {
                "category": row.category,
                "box": [row.x0, row.y0, row.x1, row.y1],
                "confidence": row.confidence,
                "detector": row.detector,
                "evidence": row.evidence,
                "choice": row.choice,
            }
            for row in findings
        ],
    }


def _liked(owner: User) -> Iterator[tuple[str, bytes]]:
    """Posts of others that the owner likes, through the one door."""
    keys = owner.likes.exclude(post__owner=owner).values("post")
    liked = visible_posts(owner).filter(pk__in=keys).order_by("pk")
    told = []
    for grant in grants_for(owner, liked):
        told.append(
            {
                "id": str(grant.public_id),
                "by": grant.owner.username,
                "caption": grant.caption,
            }
        )
        for item in grant.media:
            row = Rendition.objects.filter(
                media=item.media_id,
                plan=item.plan,
                renderer=item.renderer,
                size="feed",
                format="jpeg",
            ).first()
            if row:
                data = storage.get(storage.renditions(), row.key)
                yield f"liked/{item.public_id}.jpg", data
    yield "liked.json", _json(told)


def _named(kind: str, data: bytes) -> str:
    if kind == "metadata":
        return "metadata.json"
    stem = "original" if kind == "master" else "as-uploaded"
    for magic, ending in ((b"\x89PNG", "png"), (b"\xff\xd8", "jpg"), (b"RIFF", "webp")):
        if data.startswith(magic):
            return f"{stem}.{ending}"
    return f"{stem}.bin"


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode()
