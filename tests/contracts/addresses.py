"""Every address of the resolver, and a request to each with things that exist."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from accounts.services import suspend
from feeds.models import Comment
from gallery import albums, exports, links, services
from gallery.models import Album, Export, Link, Media, Sticker
from gallery.people import book, wishes
from gallery.people.models import Face, Person
from privacy.core.types import region_id
from privacy.policy_room import drafts
from privacy.policy_room.models import Draft
from tests.factories import (
    PLACES,
    People,
    make_follow,
    make_media,
    make_post,
    make_sticker,
    people,
)
from tests.factories import make_user as user_named

PAGES = ("GET", "POST")
API = ("GET", "POST", "PUT", "PATCH", "DELETE")
FIRST_PARTY = ("admin:", "account_", "mfa_", "usersessions_")
"""Prefixes of names that come from packages: asked with GET alone."""


def addresses() -> list[tuple[str, str]]:
    """Names (or routes, where there is no name) with their routes, sorted."""
    return sorted(set(_walk(get_resolver().url_patterns)))


def _walk(
    patterns: list[URLPattern | URLResolver], prefix: str = "", space: str = ""
) -> Iterator[tuple[str, str]]:
    for one in patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLPattern):
            yield (f"{space}{one.name}" if one.name else route, route)
        else:
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from _walk(one.url_patterns, route, inner)


def methods_of(name: str, route: str) -> tuple[str, ...]:
    """What an address is asked with."""
    if not is_own(name, route):
        return ("GET",)
    return API if name.startswith("api-") else PAGES


def is_own(name: str, route: str) -> bool:
    """Whether an address is the project's, not a package's."""
    return not name.startswith(FIRST_PARTY) and not route.startswith("admin/")


@dataclass(frozen=True, slots=True)
class World:
    """Alice's published post for followers, with all that hangs on it, and the people.

    ``gina`` asked to follow and waits, ``hugo`` followed closely and is suspended,
    ``ines`` is staff without any tie.
    """

    six: People
    gina: User
    hugo: User
    ines: User
    media: Media
    comment: Comment
    export: Export
    receipt: str
    region: str
    album: Album
    link: Link
    token: str

    def viewers(self) -> dict[str, User | None]:
        return {
            "alice": self.six.alice,
            "bob": self.six.bob,
            "carol": self.six.carol,
            "dan": self.six.dan,
            "erin": self.six.erin,
            "anonymous": None,
            "pending": self.gina,
            "suspended": self.hugo,
            "staff": self.ines,
        }

    def url(self, name: str, route: str) -> str:
        """The address with what it is about filled in."""
        filled = {
            "username": "alice",
            "size": "feed",
            "ext": "jpg",
            "region": self.region,
            "text": self.receipt,
            "token": self.token,
            "secret": "nothing",
            "number": "1",
            "name": "close",
            "step": "1",
            "object_id": _row(name),
            "pk": "1",
            "key": "x",
            "uidb36": "1",
            "app_label": "gallery",
            "content_type_id": "1",
            "id": "1",
            "url": "nothing",
            "version": "1",
            "verb": "replay",
            "public_id": str(self._subject(name, route)),
        }
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: filled[m[1]], _plain(route))
        asked = {"api-see-as": "?person=none", "region-look": "?style=veil"}
        return f"/{path}{asked.get(name, '')}"

    def _subject(self, name: str, route: str) -> uuid.UUID:
        if name == "report" or name.startswith("policy-glass-"):
            return self.media.public_id
        if name.startswith("policy-draft"):
            return Draft.objects.get().public_id
        if name.startswith("sticker"):
            return Sticker.objects.get().public_id
        if "comment" in name and "posts/" not in route and not route.startswith("p/"):
            return self.comment.public_id
        if "export" in route:
            return self.export.public_id
        if route.startswith("gallery/people/<"):
            return Person.objects.get().public_id
        if route.startswith("gallery/faces/<"):
            return Face.objects.get().public_id
        if "albums/<" in route:
            return self.album.public_id
        if "links/<" in route:
            return self.link.public_id
        if route.startswith("l/"):
            return self.media.public_id
        if "media/<" in route or route.startswith("m/"):
            return self.media.public_id
        return self.media.post.public_id


def _row(name: str) -> str:
    """Primary key of a row that the admin's address is about; of none, one of nothing.

    Numbers of rows go on where a database does not take them back with what was undone.
    """
    for model in apps.get_models():
        if f"{model._meta.app_label}_{model._meta.model_name}_" in name:
            first = model._default_manager.order_by("pk").first()
            return str(first.pk) if first else "0"
    return "0"


def _plain(route: str) -> str:
    """Regular expressions of packages as plain routes."""
    route = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route)
    return route.replace("^", "").replace("$", "")


def world() -> World:
    six = people()
    gina, hugo = user_named("gina"), user_named("hugo")
    ines = user_named("ines", is_staff=True)
    drafts.begin(ines)
    make_follow(gina, six.alice, accepted=False)
    make_follow(hugo, six.alice)
    media = make_media(six.alice, make_post(six.alice, "followers"), style="seal")
    comment = Comment.objects.create(post=media.post, author=six.bob, text="hello")
    export = exports.request_export(six.alice)
    exports.build(export.public_id)
    export.refresh_from_db()
    receipt = services.delete_post(make_post(six.erin)).signed()
    make_sticker(six.alice)
    suspend(hugo)
    hugo.refresh_from_db()
    region = region_id(PLACES["face"])
    album = albums.make(six.alice, "By the sea", "followers")
    albums.add(album, [media])
    link, token = links.make(media.post)
    book.opened(six.alice.pk)
    them = wishes.new_person(six.alice.pk, "canary-person")
    Face.objects.create(
        owner=six.alice, media=media, region=region, person=them, sealed=b"?"
    )
    return World(
        six,
        gina,
        hugo,
        ines,
        media,
        comment,
        export,
        receipt,
        region,
        album,
        link,
        token,
    )
