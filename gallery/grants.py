"""The tokens of the one door. Made from rows of ``gallery.access`` and by nobody else."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from accounts.relations import Kind
from gallery.models import Album, Media, Post
from privacy.core.types import Tier
from privacy.core.version import RENDERER_VERSION

_PROOF = object()


@dataclass(frozen=True, slots=True)
class Owner:
    """What may be said of the person who owns a picture."""

    public_id: uuid.UUID
    username: str
    name: str
    portrait: int = 0


@dataclass(frozen=True, slots=True)
class Grant:
    """The proof that a viewer may see a Media now, and in which version.

    Made by this module alone; anything else raises ``TypeError``.

    Attributes:
        media_id: primary key; never leaves the server.
        relation: OWNER, FOLLOWER or STRANGER.
        tier: None for the owner, who stands outside the tiers.
        plan, renderer: the recipe of the renditions that are granted; empty for the
            owner, who gets the clear picture.
        version: version of the Media; for the owner's pages only.
        state: for the owner's pages only; always ``ready`` for others.
        alt: words for the picture that name nothing which is masked in it.
        placeholder: made from the rendition; empty for the owner.
        masked: how many regions are masked in what this viewer gets.
        sealed: how many of them are sealed, so that being let closer opens them.
        via: token of the link by which it is seen, which its addresses then carry.
        savable: whether the viewer may have it as a file.
        offered: whether viewers may; for the owner's pages only.
    """

    media_id: int
    public_id: uuid.UUID
    post_public_id: uuid.UUID
    owner: Owner
    relation: Kind
    tier: Tier | None
    plan: str
    renderer: str
    version: int
    state: str
    width: int
    height: int
    alt: str
    placeholder: str
    masked: int
    sealed: int = 0
    via: str = field(default="", repr=False)
    savable: bool = False
    offered: bool = False
    proof: object = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.proof is not _PROOF:
            raise TypeError("Grants are made by gallery.access alone")

    @property
    def mine(self) -> bool:
        """Whether the viewer is the owner."""
        return self.tier is None

    @property
    def owner_name(self) -> str:
        return self.owner.name


@dataclass(frozen=True, slots=True)
class PostGrant:
    """The proof that a viewer may see a Post now, with what they get of its media.

    ``post_id`` is the primary key and never leaves the server. ``audience`` is empty
    for everyone but the owner.
    """

    post_id: int
    public_id: uuid.UUID
    owner: Owner
    owner_id: int
    relation: Kind
    caption: str
    audience: str
    comments_open: bool
    published_at: datetime | None
    version: int
    media: tuple[Grant, ...]
    proof: object = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.proof is not _PROOF:
            raise TypeError("Grants are made by gallery.access alone")

    @property
    def mine(self) -> bool:
        return self.relation == Kind.OWNER


@dataclass(frozen=True, slots=True)
class AlbumGrant:
    """The proof that a viewer may know of an Album now.

    ``album_id`` is the primary key and never leaves the server. ``shown`` counts what
    this viewer sees in it; ``front`` is one of these. ``audience`` is empty for
    everyone but the owner.
    """

    album_id: int
    public_id: uuid.UUID
    owner: Owner
    name: str
    audience: str
    shown: int
    front: Grant | None
    mine: bool
    proof: object = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.proof is not _PROOF:
            raise TypeError("Grants are made by gallery.access alone")


def album_grant_of(album: Album, front: Grant | None, *, mine: bool) -> AlbumGrant:
    """From a row of ``gallery.access``, whose annotations say what is seen."""
    owner = album.owner
    return AlbumGrant(
        album_id=album.pk,
        public_id=album.public_id,
        owner=Owner(owner.public_id, owner.username, owner.name),
        name=album.name,
        audience=album.audience if mine else "",
        shown=album.shown,  # type: ignore[attr-defined]
        front=front,
        mine=mine,
        proof=_PROOF,
    )


def post_grant_of(post: Post, media: list[Media], via: str = "") -> PostGrant:
    """From at least one row of ``gallery.access``, all of one post."""
    grants = tuple(grant_of(row, via) for row in media)
    mine = grants[0].mine
    return PostGrant(
        post_id=post.pk,
        public_id=post.public_id,
        owner=grants[0].owner,
        owner_id=post.owner_id,
        relation=grants[0].relation,
        caption=post.caption,
        audience=post.audience if mine else "",
        comments_open=post.comments_open,
        published_at=post.published_at,
        version=post.version,
        media=grants,
        proof=_PROOF,
    )


def grant_of(media: Media, via: str = "") -> Grant:
    """From a row of ``gallery.rule.seen``, whose annotations say what is seen."""
    tier: int | None = media.seen_tier  # type: ignore[attr-defined]
    masked: int = media.seen_masked  # type: ignore[attr-defined]
    held: int | None = media.held  # type: ignore[attr-defined]
    mine = tier is None
    other = Kind.STRANGER if held is None else Kind.FOLLOWER
    return Grant(
        media_id=media.pk,
        public_id=media.public_id,
        post_public_id=media.post.public_id,
        owner=Owner(
            media.owner.public_id,
            media.owner.username,
            media.owner.name,
            media.owner.portrait,
        ),
        relation=Kind.OWNER if mine else other,
        tier=None if tier is None else Tier(tier),
        plan="" if mine else media.seen_plan,  # type: ignore[attr-defined]
        renderer="" if mine else RENDERER_VERSION,
        version=media.version,
        state=media.state,
        width=media.width,
        height=media.height,
        alt=media.alt_masked if masked else media.alt_text,
        placeholder=media.seen_placeholder,  # type: ignore[attr-defined]
        masked=masked,
        sealed=media.seen_sealed,  # type: ignore[attr-defined]
        via=via,
        savable=mine or (media.post.saving_open and not via),
        offered=mine and media.post.saving_open,
        proof=_PROOF,
    )
