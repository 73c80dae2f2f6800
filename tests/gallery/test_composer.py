"""The review step as an editor: what its page and its verbs promise the script."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase
from PIL import Image

from accounts.models import User
from gallery import editing, exposure, looks, picking, vault
from gallery.housekeeping import drop_orphans
from gallery.models import Media, Sticker, TierView
from gallery.work import Work
from privacy import decisions, styles
from privacy.core.courtesy import RECOVERED
from privacy.core.types import ZERO_BIT, Box, Style, Tier
from privacy.models import Finding
from tests.factories import make_media, make_post, make_user, people
from tests.gallery.conftest import Sent
from tests.gallery.stored import taken

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_user("alice")


@pytest.fixture
def client(owner: User) -> Client:
    browser = Client()
    browser.force_login(owner)
    return browser


def page(client: Client, media: Media) -> str:
    return client.get(f"/share/{media.post.public_id}/").content.decode()


def test_the_page_says_that_it_waits_for_a_version_and_when_no_more(
    owner: User, client: Client, sent: Sent
) -> None:
    media = make_media(owner)
    assert "data-making" not in page(client, media)
    editing.add(media, Box(0.1, 0.6, 0.4, 0.9))
    shown = page(client, media)
    assert "data-making" in shown
    assert "being made" in shown
    TierView.objects.filter(media=media).update(ready=True)
    assert "data-making" not in page(client, media)


def test_nothing_is_waited_for_where_a_mask_did_not_hold(
    owner: User, client: Client, sent: Sent
) -> None:
    media = make_media(owner)
    editing.add(media, Box(0.1, 0.6, 0.4, 0.9))
    Media.objects.update(problem="It can be seen.", problem_code="survivors")
    assert "data-making" not in page(client, media)
    editing.add(media, Box(0.5, 0.6, 0.6, 0.9))  # the next try is for the new plans
    assert "data-making" in page(client, media)
    assert "It can be seen." not in page(client, media)


# --- drawing, several changes as one ---------------------------------------------------


def send(client: Client, url: str, body: object, method: str = "POST") -> Any:
    return client.generic(method, url, json.dumps(body), "application/json")


def regions_of(answer: Any) -> dict[str, dict[str, Any]]:
    return {
        one["id"]: one for kind in answer.json()["kinds"] for one in kind["regions"]
    }


def at(media: Media, rest: str = "") -> str:
    return f"/share/media/{media.public_id}/regions{rest}"


STROKE = [[0.1, 0.6], [0.3, 0.9]]


def test_a_stroke_is_drawn_deleted_and_comes_back_the_same(
    owner: User, client: Client, sent: Sent
) -> None:
    media = make_media(owner)
    made = send(client, at(media), {"outline": STROKE, "brush": 0.03})
    assert made.status_code == 200
    name = made.json()["added"]
    drawn = regions_of(made)[name]
    assert drawn["outline"] == STROKE
    assert drawn["brush"] == 0.03
    send(client, at(media, f"/{name}"), {"style": "fill"}, "PATCH")
    drawn = regions_of(client.get(at(media)))[name]
    gone = send(client, at(media, f"/{name}"), {"confirmed": True}, "DELETE")
    assert name not in regions_of(gone)
    back = send(client, at(media), {**drawn, "id": name})
    assert regions_of(back)[name] == drawn


@pytest.mark.parametrize(
    "body",
    [
        {"outline": [[0.1, 0.1], [2, 0.1], [0.1, 0.3]]},
        {"outline": "everywhere"},
        {"outline": STROKE, "brush": "thick"},
        {"outline": STROKE, "brush": -1},
    ],
)
def test_a_drawing_that_makes_no_sense_is_told_so(
    owner: User, client: Client, body: object
) -> None:
    media = make_media(owner)
    answer = send(client, at(media), body)
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert not Finding.objects.filter(manual=True).exists()


def test_several_changes_are_one_or_none(
    owner: User, client: Client, sent: Sent
) -> None:
    media = make_media(owner)
    before = regions_of(client.get(at(media)))
    first, second, *_ = before
    wanted = [{"id": first, "choice": "hide"}, {"id": "nothing", "choice": "hide"}]
    assert send(client, at(media), {"changes": wanted}, "PATCH").status_code == 404
    assert regions_of(client.get(at(media))) == before
    wanted[1]["id"] = second
    done = regions_of(send(client, at(media), {"changes": wanted}, "PATCH"))
    assert {done[first]["choice"], done[second]["choice"]} == {"hide"}


def test_the_same_for_all_of_a_kind_is_one_step(
    owner: User, client: Client, sent: Sent
) -> None:
    media = make_media(owner)
    face = Finding.objects.get(category="face")
    for x in (0.5, 0.7):
        face.pk, face.region = None, f"face-{round(10 * x)}"
        face.y0, face.y1 = 0.5, 0.5 + x / 4
        face.save()
    body = {"choice": "hide", "style": "fill", "same": True}
    done = regions_of(send(client, at(media, "/face-5"), body, "PATCH"))
    faces = Finding.objects.filter(category="face").values_list("region", flat=True)
    assert len(faces) == 3
    assert {(done[one]["choice"], done[one]["style"]) for one in faces} == {
        ("hide", "fill")
    }
    others = [one for name, one in done.items() if name not in faces]
    assert {one["choice"] for one in others} == {"auto"}


def test_who_is_in_the_background_is_hidden_in_one_step(
    owner: User, client: Client, sent: Sent
) -> None:
    media = make_media(owner)
    face = Finding.objects.get(category="face")
    width, height = (face.x1 - face.x0) / 5, (face.y1 - face.y0) / 5
    for name, x in (("far-7", 0.7), ("far-8", 0.8)):  # five times as far
        place = {"x0": x, "y0": 0.1, "x1": x + width, "y1": 0.1 + height}
        face.pk, face.region = None, name
        for side, value in place.items():
            setattr(face, side, value)
        face.save()
    assert "2 in the background" in page(client, media)
    body = {"category": "face", "choice": "hide", "among": "background"}
    kinds = f"/share/media/{media.public_id}/kinds"
    assert client.post(kinds, body).status_code == 302
    hidden = Finding.objects.filter(choice="hide").values_list("region", flat=True)
    assert sorted(hidden) == ["far-7", "far-8"]
    refused = send(client, kinds, body | {"among": "nowhere"})
    assert refused.status_code == 409


def test_a_smaller_outline_in_the_same_box_asks_first(
    owner: User, client: Client, sent: Sent
) -> None:
    media = make_media(owner)  # published, for everyone
    whole = [[0.1, 0.6], [0.5, 0.6], [0.5, 0.95], [0.1, 0.95]]
    name = send(client, at(media), {"outline": whole}).json()["added"]
    corner = [[0.1, 0.6], [0.5, 0.6], [0.1, 0.95]]
    asked = send(client, at(media, f"/{name}"), {"outline": corner}, "PATCH")
    assert asked.status_code == 409
    assert asked.json()["code"] == "confirm"
    drawn = regions_of(client.get(at(media)))[name]
    assert drawn["outline"] == whole


def test_parts_that_touch_are_counted_once(owner: User, sent: Sent) -> None:
    media = make_media(owner)
    before = TierView.objects.get(media=media, tier=0).masked
    for row in range(4):
        editing.add(media, Box(0.1, 0.6 + row * 0.05, 0.4, 0.64 + row * 0.05))
    assert TierView.objects.get(media=media, tier=0).masked <= before + 1


# --- looks and stickers ----------------------------------------------------------------


def png(colour: tuple[int, int, int, int], size: int = 40) -> SimpleUploadedFile:
    out = io.BytesIO()
    image = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    image.paste(colour, (size // 4, size // 4, 3 * size // 4, 3 * size // 4))
    image.save(out, "PNG")
    return SimpleUploadedFile("mine.png", out.getvalue(), "image/png")


def bring(client: Client, file: SimpleUploadedFile) -> Any:
    headers = {"X-Requested-With": "fetch"}
    return client.post("/share/stickers/add", {"file": file}, headers=headers)


def test_a_look_is_made_by_the_renderer_for_the_owner_alone(
    owner: User, client: Client
) -> None:
    media = make_media(owner)
    face = Finding.objects.get(category="face").region
    made = {}
    for style in ("veil", "fill", "sticker", "blur"):
        answer = client.get(at(media, f"/{face}/look?style={style}"))
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/webp"
        assert answer["Cache-Control"] == "private, no-store"
        made[style] = answer.content
        assert max(Image.open(io.BytesIO(answer.content)).size) <= 176
    assert len(set(made.values())) == 4
    assert client.get(at(media, f"/{face}/look?style=frame")).status_code == 404
    assert client.get(at(media, "/nothing/look?style=veil")).status_code == 404
    other = Client()
    other.force_login(make_user("bob"))
    assert other.get(at(media, f"/{face}/look?style=veil")).status_code == 404


def test_looks_have_a_pace(
    owner: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = make_media(owner)
    face = Finding.objects.get(category="face").region
    monkeypatch.setattr(picking._Looks, "rate", "2/min")
    url = at(media, f"/{face}/look?style=veil")
    cache.clear()
    assert [client.get(url).status_code for _ in range(3)] == [200, 200, 429]
    cache.clear()


def test_looks_wait_for_their_turn_and_then_say_so(
    owner: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = make_media(owner)
    face = Finding.objects.get(category="face").region
    monkeypatch.setattr(looks, "PATIENCE", 0.01)
    with looks._TURN:
        answer = client.get(at(media, f"/{face}/look?style=veil"))
    assert answer.status_code == 503
    assert answer["Retry-After"]


def test_a_sticker_of_ones_own_lies_on_the_picture(
    owner: User, client: Client, sent: Sent
) -> None:
    media = make_media(owner)
    name = bring(client, png((0, 200, 40, 255))).json()["id"]
    kept = client.get(f"/share/stickers/{name}.png")
    assert kept["Cache-Control"] == "private, no-store"
    with Image.open(io.BytesIO(kept.content)) as image:
        assert image.mode == "RGBA"
        assert image.getpixel((20, 20)) == (0, 200, 40, 255)
        assert image.getpixel((2, 2))[3] == 0  # type: ignore[index]
    assert b"\0\xc8\x28" not in taken(Sticker.objects.get().key)
    face = Finding.objects.get(category="face").region
    body = {"choice": "hide", "style": "sticker", "art": name}
    assert send(client, at(media, f"/{face}"), body, "PATCH").status_code == 200
    scan = decisions.current_scan(media.public_id)
    assert scan is not None
    plan = decisions.plans_for(scan)[Tier.FULL]
    pixels = Work(media).made(plan).pixels
    assert (np.abs(pixels.astype(int) - (0, 200, 40)).max(axis=2) < 3).sum() > 20
    assert name in page(client, media)


def test_a_sticker_is_its_owners_alone(owner: User, client: Client, sent: Sent) -> None:
    name = bring(client, png((9, 9, 9, 255))).json()["id"]
    bob, other = make_user("bob"), Client()
    other.force_login(bob)
    media = make_media(bob)
    face = Finding.objects.get(category="face").region
    assert other.get(f"/share/stickers/{name}.png").status_code == 404
    assert other.post(f"/share/stickers/{name}/delete").status_code == 404
    body = {"style": "sticker", "art": name}
    assert send(other, at(media, f"/{face}"), body, "PATCH").status_code == 409
    assert Finding.objects.get(category="face").art == ""


def test_a_deleted_sticker_is_gone_from_every_picture(
    owner: User, client: Client, sent: Sent
) -> None:
    media = make_media(owner)
    name = bring(client, png((9, 9, 200, 255))).json()["id"]
    key = Sticker.objects.get().key
    face = Finding.objects.get(category="face").region
    send(client, at(media, f"/{face}"), {"style": "sticker", "art": name}, "PATCH")
    TierView.objects.update(ready=True)
    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post(f"/share/stickers/{name}/delete")
    assert not Sticker.objects.exists()
    assert Finding.objects.get(category="face").art == ""
    assert not TierView.objects.get(media=media, tier=0).ready  # it is made anew
    with pytest.raises(FileNotFoundError):
        taken(key)


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"\x89PNG\r\n\x1a\n" + b"damaged" * 20,
        b"GIF89a" + bytes(40),
        b"",
    ],
)
def test_what_is_no_sticker_is_refused_with_words(
    client: Client, owner: User, data: bytes
) -> None:
    answer = bring(client, SimpleUploadedFile("a.png", data, "image/png"))
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert not Sticker.objects.exists()


def test_a_forgotten_sticker_is_no_orphan_and_leaves_with_its_owner(
    client: Client, owner: User
) -> None:
    bring(client, png((9, 9, 9, 255)))
    key = Sticker.objects.get().key
    drop_orphans(timedelta(0))
    assert taken(key)
    assert f"originals/{key}" in vault.shred(owner.pk)
    assert not Sticker.objects.exists()


def test_the_web_process_renders_looks_without_any_model() -> None:
    program = """
import django, sys
django.setup()
import nopeek_site.urls
from privacy.core.render import render
from privacy.core.sanitise import see_through
heavy = ("torch", "onnxruntime", "onnx", "rapidocr", "ultralytics", "insightface")
print([name for name in heavy if name in sys.modules])
print([name for name in sys.modules if name.startswith("privacy.core.detectors")])
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "nopeek_site.settings.test"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=True,
    )
    assert done.stdout.splitlines()[-2:] == ["[]", "[]"]


# --- the ledger ------------------------------------------------------------------------


def test_the_ledger_counts_who_sees_what_and_why(sent: Sent) -> None:
    six = people()
    browser = Client()
    browser.force_login(six.alice)
    media = make_media(six.alice, make_post(six.alice, "followers"))
    shown = page(browser, media)
    # Distant frank sees neither face nor plate, regular bob the face, close carol both.
    assert "2 people see this face, because they are not distant." in shown
    assert "1 person sees this licence plate, because they are close." in shown
    assert "Only you see this" in shown  # the bank card
    query = f"/share/{media.post.public_id}/?photo={media.public_id}&audience="
    close = browser.get(f"{query}close").content.decode()
    assert "1 person sees this face" in close
    alone = browser.get(f"{query}only_me").content.decode()
    assert "Nothing that we found is seen by anyone but you." in alone
    face = Finding.objects.get(category="face").region
    editing.change(media, face, choice="show", confirmed=True)
    open_to_all = browser.get(f"{query}everyone").content.decode()
    assert "Everyone can see this face." in open_to_all
    assert "3 people see this face, because they follow you." in page(browser, media)


def test_what_lies_under_another_mask_is_not_seen(owner: User, sent: Sent) -> None:
    media = make_media(owner)
    face = Finding.objects.get(category="face")
    editing.change(media, face.region, choice="show", confirmed=True)
    scan = decisions.current_scan(media.public_id)
    assert scan is not None
    assert exposure.seen_by(face, decisions.plans_for(scan)) == frozenset(Tier)
    editing.add(media, Box(0, 0, 0.5, 0.6))
    assert exposure.seen_by(face, decisions.plans_for(scan)) == frozenset()
    Finding.objects.filter(manual=True).delete()
    editing.add(media, outline=((0.0, 0.0), (0.5, 0.0), (0.0, 0.6)))
    assert exposure.seen_by(face, decisions.plans_for(scan)) == frozenset(Tier)


def test_a_part_of_the_page_is_its_owners_alone(owner: User, client: Client) -> None:
    media = make_media(owner)
    url = f"/share/{media.post.public_id}/?photo="
    part = client.get(f"{url}{media.public_id}").content.decode()
    assert part.strip().startswith("<article")
    assert client.get(f"{url}nothing").status_code == 404
    assert client.get(f"{url}{make_media(owner).public_id}").status_code == 404
    other = Client()
    other.force_login(make_user("bob"))
    assert other.get(f"{url}{media.public_id}").status_code == 404


def test_each_thing_is_offered_the_looks_that_its_rules_allow(
    owner: User, client: Client
) -> None:
    """With what attacks got through the weak ones; none of them where it would do harm."""
    media = make_media(owner)
    text = page(client, media)
    assert "97 % of such plates were read back" in text
    assert "53 % of blurred plates were read back" in text
    assert "still found 100 % of faces" in text
    allowed = dict(re.findall(r'data-what="([^"]+)" data-styles="([^"]+)"', text))
    weak = {style.value for style in Style if style not in ZERO_BIT}
    assert len(allowed) > 1
    for what, words in allowed.items():
        assert {style.value for style in ZERO_BIT} <= set(words.split())
        assert weak & set(words.split()) == (weak if what == "face" else set()), what
    face = Finding.objects.get(category="face").region
    for style in Style:
        answer = client.get(at(media, f"/{face}/look?style={style.value}"))
        assert answer.status_code == 200, style


def test_every_weak_style_says_how_weak_it_is() -> None:
    assert set(RECOVERED) == set(Style) - ZERO_BIT
    figures = Path("docs/masking.md").read_text("utf-8")
    for style in Style:
        assert bool(styles.weakness(style)) == (style in RECOVERED)
        if figure := RECOVERED.get(style):
            assert str(figure) in styles.weakness(style)
            assert f"{figure} %" in figures
    assert set(styles.NAMES) == set(Style)
    children = {offer.value for offer in styles.offered("face", "child")}
    assert children == {style.value for style in ZERO_BIT}
