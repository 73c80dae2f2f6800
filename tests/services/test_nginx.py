"""deploy/nginx.conf as it stands, in front of a web server in production settings.

C1, C3 and C4 where nginx sends the bytes: it serves only what Django has granted, with
the ETag and the headers of the grant, and a cache in front of it keeps no picture.
"""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.test import override_settings

from accounts.models import Closeness, User
from gallery.models import Media, Rendition
from tests.factories import make_follow, make_media, make_post, make_user
from tests.services.front import (
    HOST,
    NGINX,
    PIXELS,
    Front,
    certificate,
    configuration,
)
from tests.services.site import ROOT, Process, Site, free_port, until


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a site that keeps its objects in files."""
    return tmp_path_factory.mktemp("production")


@pytest.fixture(scope="module")
def front(
    site: Site, var: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    env = {
        "NOPEEK_ENV": "prod",
        "NOPEEK_VAR": str(var),
        "NOPEEK_S3_BUCKET": "",
        "NOPEEK_HOSTS": HOST,
        "NOPEEK_URL": f"https://{HOST}",
        "NOPEEK_PROXIES": "1",
        "NOPEEK_ACCEL_PREFIX": "/_renditions/",
        "DJANGO_SECRET_KEY": base64.urlsafe_b64encode(
            bytes.fromhex(settings.SECRET_KEY)
        ).decode(),
        "NOPEEK_MASTER_KEY": base64.urlsafe_b64encode(
            settings.NOPEEK_MASTER_KEY
        ).decode(),
    }
    collected = subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
        cwd=ROOT,
        env={**site.env, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert collected.returncode == 0, collected.stderr[-2000:]
    port, cached, web = free_port(), free_port(), free_port()
    trust = certificate(folder)
    conf = folder / "nginx.conf"
    renditions = var / "private" / "renditions"
    conf.write_text(configuration(folder, renditions, web, port, cached))
    site.start(
        "production",
        [
            *(sys.executable, "-m", "uvicorn", "nopeek_site.asgi:application"),
            *("--host", "127.0.0.1", "--port", str(web), "--lifespan", "off"),
            *("--no-access-log", "--log-level", "warning"),
        ],
        **env,
    )
    nginx: Process = site.start(
        "nginx", [NGINX, "-e", "stderr", "-p", str(folder), "-c", str(conf)]
    )
    served = Front(folder, port, cached, trust, var)

    def ready() -> bool:
        nginx.said("")
        try:
            return served.asks().get("/healthz").status_code == 200
        except httpx.HTTPError:
            return False

    until(ready, "the site answers through nginx")
    yield served
    nginx.end()


@dataclass
class Scene:
    alice: User
    bob: User
    carol: User
    media: Media

    @property
    def path(self) -> str:
        return f"/m/{self.media.public_id}/feed.webp"

    def seen(self, tier: int, size: str = "feed", form: str = "webp") -> Rendition:
        view = self.media.views.get(tier=tier)
        return self.media.renditions.get(plan=view.plan, size=size, format=form)


@pytest.fixture
def scene(front: Front) -> Scene:
    """A post that everybody may see, each with their own pixels, kept in files."""
    word = uuid.uuid4().hex[:8]
    alice, bob, carol = (make_user(f"{n}-{word}") for n in ("alice", "bob", "carol"))
    make_follow(bob, alice, Closeness.REGULAR)
    make_follow(carol, alice, Closeness.CLOSE)
    files = {
        name: {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {
                "location": front.var / "private" / name,
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
        for name in ("originals", "renditions")
    }
    with override_settings(STORAGES={**settings.STORAGES, **files}):
        media = make_media(alice, make_post(alice, "everyone"))
    return Scene(alice, bob, carol, media)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_c2_nginx_sends_what_django_grants_with_its_headers(
    front: Front, scene: Scene
) -> None:
    bodies = set()
    for user, tier in ((None, 0), (scene.bob, 1), (scene.carol, 2)):
        got = front.asks(user).get(scene.path)
        assert got.status_code == 200
        assert sha(got.content) == scene.seen(tier).sha256
        bodies.add(sha(got.content))
        assert got.headers["content-type"] == "image/webp"
        assert got.headers["cache-control"] == "private, no-cache"
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["cross-origin-resource-policy"] == "same-origin"
        assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert got.headers["content-disposition"] == "inline"
        assert got.headers["referrer-policy"] == "same-origin"
        assert "cookie" in got.headers["vary"].lower()
        assert "authorization" in got.headers["vary"].lower()
        assert re.fullmatch(r'"[0-9a-f]{40}"', got.headers["etag"])
        # What tells of the file, and so of when it was made, or where it lies.
        for name in ("last-modified", "expires", "x-accel-redirect"):
            assert name not in got.headers
        assert "max-age" in got.headers["strict-transport-security"]
        assert len(got.headers.get_list("etag")) == 1
        assert len(got.headers.get_list("cache-control")) == 1
    assert len(bodies) == 3
    # The owner's own pixels are decrypted by Django and pass through.
    own = front.asks(scene.alice).get(scene.path)
    assert own.status_code == 200
    assert sha(own.content) not in bodies


def test_the_internal_location_is_nothing_to_the_outside(
    front: Front, scene: Scene
) -> None:
    key = scene.seen(0).key
    assert (front.var / "private" / "renditions" / key).exists()
    for path in (
        f"/_renditions/{key}",
        f"/_renditions//{key}",
        f"/%5frenditions/{key}",
        f"/m/../_renditions/{key}",
        "/_renditions/",
        "/_renditions/../originals/",
        f"/_renditions../renditions/{key}",
    ):
        for user in (None, scene.alice):
            got = front.asks(user).get(path)
            assert got.status_code == 404, path
            assert "x-accel-redirect" not in got.headers
            assert sha(got.content) != scene.seen(0).sha256


def test_a3_what_may_not_be_seen_and_what_is_not_there_are_the_same(
    front: Front, scene: Scene
) -> None:
    hidden = front.asks().get(f"/m/{uuid.uuid4()}/feed.webp")
    scene.media.post.audience = "only_me"
    scene.media.post.save()
    forbidden = front.asks(scene.bob).get(scene.path)
    assert forbidden.status_code == hidden.status_code == 404
    assert forbidden.content == hidden.content == b"Not found.\n"


def test_c3_an_etag_of_another_tier_is_never_not_modified(
    front: Front, scene: Scene
) -> None:
    tags = {
        tier: front.asks(user).head(scene.path).headers["etag"]
        for tier, user in ((0, None), (1, scene.bob), (2, scene.carol))
    }
    assert len(set(tags.values())) == 3
    bob = front.asks(scene.bob)
    same = bob.get(scene.path, headers={"If-None-Match": tags[1]})
    assert same.status_code == 304
    assert same.content == b""
    assert same.headers["etag"] == tags[1]
    for other in (tags[0], tags[2], '"x"'):
        got = bob.get(scene.path, headers={"If-None-Match": other})
        assert got.status_code == 200
        assert sha(got.content) == scene.seen(1).sha256
    # Dates of files say nothing of plans: they are never asked.
    late = "Fri, 31 Dec 2100 00:00:00 GMT"
    got = bob.get(scene.path, headers={"If-Modified-Since": late})
    assert got.status_code == 200


def test_c4_ranges_are_of_one_rendition(front: Front, scene: Scene) -> None:
    bob = front.asks(scene.bob)
    whole = bob.get(scene.path)
    tag, data = whole.headers["etag"], whole.content
    first = bob.get(scene.path, headers={"Range": "bytes=0-9"})
    assert (first.status_code, first.content) == (206, data[:10])
    assert first.headers["etag"] == tag
    assert first.headers["cache-control"] == "private, no-cache"
    last = bob.get(scene.path, headers={"Range": "bytes=-5"})
    assert (last.status_code, last.content) == (206, data[-5:])
    beyond = bob.get(scene.path, headers={"Range": f"bytes={len(data)}-"})
    assert beyond.status_code == 416
    many = bob.get(scene.path, headers={"Range": "bytes=0-1,4-5"})
    assert (many.status_code, many.content) == (200, data)
    # A part is joined only to a picture of the same plan.
    mine = {"Range": "bytes=10-", "If-Range": tag}
    assert bob.get(scene.path, headers=mine).content == data[10:]
    other = front.asks(scene.carol).head(scene.path).headers["etag"]
    for wrong in (other, '"x"', whole.headers["date"]):
        got = bob.get(scene.path, headers={"Range": "bytes=10-", "If-Range": wrong})
        assert (got.status_code, got.content) == (200, data)


def test_a_demotion_holds_on_the_next_request(front: Front, scene: Scene) -> None:
    carol = front.asks(scene.carol)
    before = carol.get(scene.path)
    scene.carol.follows_out.update(closeness=Closeness.DISTANT)
    tag = before.headers["etag"]
    for headers in (
        {"If-None-Match": tag},
        {"Range": "bytes=4-", "If-Range": tag},
        {},
    ):
        got = carol.get(scene.path, headers=headers)
        assert got.status_code == 200
        assert sha(got.content) == scene.seen(0).sha256


def test_c1_a_cache_in_front_keeps_no_picture(front: Front, scene: Scene) -> None:
    askers = ((scene.alice, None), (scene.bob, 1), (None, 0), (scene.carol, 2))
    for user, tier in (*askers, *askers):
        for size in PIXELS:
            path = f"/m/{scene.media.public_id}/{size}.jpg"
            got = front.asks(user, cache=True).get(path)
            assert got.status_code == 200
            if tier is not None:
                assert sha(got.content) == scene.seen(tier, size, "jpeg").sha256
        page = front.asks(user, cache=True).get("/explore/")
        assert page.status_code == 200
        assert "no-store" in page.headers["cache-control"]
    # The cache does work: what may be kept is kept.
    sheet = next((front.var / "static" / "css").glob("*.????????????.css")).name
    assert front.asks(cache=True).get(f"/static/css/{sheet}").status_code == 200
    kept = front.stored()
    assert kept
    for data in kept:
        assert b"/static/" in data[:2000]
        assert str(scene.media.public_id).encode() not in data
        for row in scene.media.renditions.all():
            file = front.var / "private" / "renditions" / row.key
            assert file.read_bytes() not in data
