"""The app of the device: what is installed, what is kept, and photos shared into it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import User
from gallery.models import Media, Post
from tests.browser.conftest import letter_photo
from tests.factories import make_user

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.PresentBackend"
HERE = {"sec-fetch-site": "none"}


@pytest.fixture
def bob() -> User:
    return make_user("bob")


@pytest.fixture
def client(bob: User) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob, backend=BACKEND)
    return client


def share(client: Client, *files: SimpleUploadedFile, **more: Any) -> Any:
    headers = more.pop("headers", HERE)
    data = {"photos": list(files), **more}
    return client.post("/share/target", data, headers=headers)


def photo(name: str = "letter.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, letter_photo(), "image/jpeg")


def path_of(url: str) -> Path:
    found = finders.find(url.removeprefix(settings.STATIC_URL))
    assert isinstance(found, str), url
    return Path(found)


def test_the_manifest_names_what_is_there() -> None:
    answer = Client().get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    shape = answer.json()
    assert shape["display"] == "standalone"
    assert {(icon["sizes"], icon["purpose"]) for icon in shape["icons"]} == {
        (size, purpose)
        for size in ("192x192", "512x512")
        for purpose in ("any", "maskable")
    }
    for icon in shape["icons"]:
        with Image.open(path_of(icon["src"])) as image:
            assert f"{image.width}x{image.height}" == icon["sizes"]
            # A maskable icon is whole to its corners; the other has its own.
            corner = image.convert("RGBA").getpixel((0, 0))
            assert isinstance(corner, tuple)
            assert (corner[3] == 255) == (icon["purpose"] == "maskable")
    for shortcut in shape["shortcuts"]:
        assert Client().get(shortcut["url"]).status_code in (200, 302)
    target = shape["share_target"]
    assert (target["action"], target["method"]) == ("/share/target", "POST")
    assert target["params"]["files"][0]["name"] == "photos"


def test_the_worker_keeps_styles_scripts_and_icons_and_nothing_else() -> None:
    answer = Client().get("/sw.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Service-Worker-Allowed"] == "/"
    body = answer.content.decode()
    kept = json.loads(re.search(r"^const KEPT = (.*);$", body, re.MULTILINE)[1])
    assert kept[0] == "/offline/"
    assert len(kept) > 15
    for url in kept[1:]:
        assert re.fullmatch(r"/static/(css|js|icons)/[\w.-]+\.(css|js|svg|png)", url)
        assert path_of(url).is_file()
    code = re.sub(r"//.*", "", body)
    # The one way into a cache is the list above.
    assert code.count("addAll(") == 1
    assert "cache.put(" not in code
    assert ".put(" not in code
    assert ".add(" not in code


def test_the_page_without_a_connection_is_nobodys(client: Client) -> None:
    mine, anyones = client.get("/offline/"), Client().get("/offline/")
    assert mine.content == anyones.content
    assert b"csrf" not in mine.content.lower()
    assert b"bob" not in mine.content


def test_the_csp_lets_the_worker_and_the_manifest_be() -> None:
    policy = Client().get("/explore/")["Content-Security-Policy"]
    assert "worker-src 'self'" in policy
    assert "manifest-src 'self'" in policy


# --- shared into it --------------------------------------------------------------------


def test_a_shared_photo_becomes_a_draft_that_its_owner_alone_sees(
    client: Client, bob: User
) -> None:
    answer = share(client, photo(), title="Harbour", text="Light and letters.")
    post = Post.objects.get()
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/share/{post.public_id}/",
    )
    assert (post.owner, post.published_at) == (bob, None)
    assert post.caption == "Harbour\nLight and letters."
    assert Media.objects.get().post == post
    other = Client()
    other.force_login(make_user("eve"), backend=BACKEND)
    for url in (answer["Location"], f"/p/{post.public_id}/"):
        assert other.get(url).status_code == 404
        assert Client().get(url).status_code in (302, 404)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {},
    ],
)
def test_no_other_site_can_share_for_somebody(
    client: Client, headers: dict[str, str]
) -> None:
    assert share(client, photo(), headers=headers).status_code == 403
    assert not Post.objects.exists()
    assert not Media.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin"},
        {"origin": "http://testserver"},
    ],
)
def test_the_device_itself_can(client: Client, headers: dict[str, str]) -> None:
    assert share(client, photo(), headers=headers).status_code == 302
    assert Media.objects.count() == 1


def test_who_is_not_logged_in_is_told_to_share_again() -> None:
    client = Client()
    answer = share(client, photo())
    assert answer["Location"] == "/accounts/login/?next=/share/"
    assert b"share the photo again" in client.get(answer["Location"]).content
    assert not Media.objects.exists()


def test_what_is_no_photo_leaves_no_draft(client: Client) -> None:
    liar = SimpleUploadedFile("x.jpg", b"<svg/>", "image/jpeg")
    answer = share(client, liar)
    assert answer["Location"] == "/share/"
    assert not Post.objects.exists()
    assert b"x.jpg" in client.get("/share/").content
    assert share(client)["Location"] == "/share/"
    too_many = [photo(f"{n}.jpg") for n in range(11)]
    assert share(client, *too_many).status_code == 400
    assert not Post.objects.exists()


def test_sharing_is_a_post(client: Client) -> None:
    assert client.get("/share/target").status_code == 405
