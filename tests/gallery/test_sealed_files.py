"""P10: one's own photo as a file that a passphrase opens again, without the site."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from django.test import Client

from gallery import vault
from gallery.models import Media
from privacy.core import cli
from privacy.core.sanitise import decode_master
from privacy.core.types import Grid
from tests.factories import PASSWORD, People, make_media, people

pytestmark = pytest.mark.django_db

WORDS = "  an owl at noon  "  # spaces count: it is taken as typed


@pytest.fixture
def six() -> People:
    return people()


@pytest.fixture
def media(six: People) -> Media:
    return make_media(six.alice)


def logged_in(name: str) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": name, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def address(media: Media) -> str:
    return f"/share/media/{media.public_id}/sealed-file"


def wish(tier: str = "full", words: str = WORDS, again: str = WORDS) -> dict[str, str]:
    return {"tier": tier, "passphrase": words, "again": again}


@pytest.mark.parametrize("tier", ["full", "semi", "none"])
def test_what_the_site_seals_the_command_line_opens_to_the_bit(
    media: Media, tier: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = logged_in("alice").post(address(media), wish(tier))
    assert answer["Content-Type"] == "image/png"
    assert answer["Cache-Control"] == "private, no-store"
    assert "-sealed.png" in answer["Content-Disposition"]
    file, back = tmp_path / "sealed.png", tmp_path / "back.png"
    file.write_bytes(answer.content)
    clear = decode_master(vault.open_sealed(media, "master"), Grid()).pixels
    monkeypatch.setenv("NOPEEK_PASSPHRASE", WORDS.strip())
    assert cli.main(["unseal", str(file), "-o", str(back)]) == 2
    monkeypatch.setenv("NOPEEK_PASSPHRASE", WORDS)
    assert cli.main(["unseal", str(file), "-o", str(back)]) == 0
    assert np.array_equal(decode_master(back.read_bytes(), Grid()).pixels, clear)
    on_show = decode_master(answer.content, Grid()).pixels
    assert not np.array_equal(on_show, clear)


def test_it_is_the_owners_and_asks_who_one_is(six: People, media: Media) -> None:
    for name in ("bob", "carol", "erin"):
        assert logged_in(name).get(address(media)).status_code == 404
        assert logged_in(name).post(address(media), wish()).status_code == 404
    stale = Client()
    stale.force_login(six.alice)
    assert "reauthenticate" in stale.get(address(media))["Location"]
    assert "reauthenticate" in stale.post(address(media), wish())["Location"]
    assert logged_in("alice").get(address(media)).status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        wish(words="short", again="short"),
        wish(again="something else"),
        wish(tier="everybody"),
        {},
    ],
)
def test_what_makes_no_file_says_why(media: Media, given: dict[str, str]) -> None:
    answer = logged_in("alice").post(address(media), given)
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/html")
    assert "errorlist" in answer.content.decode() or "error" in answer.content.decode()
