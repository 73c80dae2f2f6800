"""Albums of the demo, and a link that somebody outside may open.

They come last, out of what has been posted; each is made once, and what somebody has
deleted since stays deleted.
"""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from gallery import albums, links
from gallery.access import own_media, own_posts
from nopeek_site.demo.progress import Progress
from nopeek_site.demo.story import post_id
from privacy.core.types import Tier


@dataclass(frozen=True, slots=True)
class Shelf:
    """An album; ``posts`` are slugs, and all their pictures are in it."""

    owner: str
    name: str
    audience: str
    posts: tuple[str, ...]


SHELVES = (
    Shelf("ana", "Westhaven", "everyone", ("sea", "street", "car")),
    Shelf("ana", "Desk and table", "followers", ("desk", "lunch", "chat")),
    Shelf("carla", "Things that bloom", "everyone", ("dahlia", "pagoda", "coffee")),
)
LINKED = "sea"
"""Ana's post that a link opens, for her aunt."""


def ensure_shelves(progress: Progress, users: dict[str, User]) -> None:
    """Albums and the link, of the posts that are there."""
    for shelf in SHELVES:
        slug, owner = f"album {shelf.name}", users.get(shelf.owner)
        media = [
            one
            for post in shelf.posts
            if post in progress.posts and owner is not None
            for one in own_media(owner).filter(post__public_id=post_id(post))
        ]
        if slug in progress.posts or owner is None or not media:
            continue
        albums.add(albums.make(owner, shelf.name, shelf.audience), media)
        progress.posts.append(slug)
    slug, ana = f"link {LINKED}", users.get("ana")
    if ana is None or slug in progress.posts:
        return
    out = own_posts(ana).filter(published_at__isnull=False)
    if (post := out.filter(public_id=post_id(LINKED)).first()) is not None:
        links.make(post, tier=Tier.FULL, days=30, name="Aunt Ida", most=20)
        progress.posts.append(slug)
