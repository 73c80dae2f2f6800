"""What holds for every response."""

from __future__ import annotations

import gzip

import pytest
from django.test import Client

from nopeek_site.env import ROOT
from tests.factories import make_user

pytestmark = pytest.mark.django_db
OURS = {"js": 60_000, "css": 40_000}
"""Bytes that our own scripts and styles may weigh, compressed."""


def test_pages_are_compressed_for_those_who_can_read_it() -> None:
    plain = Client().get("/accounts/login/")
    packed = Client().get("/accounts/login/", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed["Content-Encoding"] == "gzip"
    assert b"<html" in gzip.decompress(packed.content)
    assert int(packed["Content-Length"]) < len(plain.content) / 2
    assert "Accept-Encoding" in packed["Vary"]


def test_the_length_of_a_page_is_not_that_of_its_words() -> None:
    """Heal the Breach: padding of random length, whatever the page says."""
    lengths = {
        Client().get("/", headers={"Accept-Encoding": "gzip"})["Content-Length"]
        for _ in range(12)
    }
    assert len(lengths) > 1


def test_answers_of_the_api_are_not_compressed() -> None:
    answer = Client().get("/api/v1/schema", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("kind", OURS)
def test_our_scripts_and_styles_stay_light(kind: str) -> None:
    files = (ROOT / "static" / kind).rglob(f"*.{kind}")
    weight = sum(len(gzip.compress(file.read_bytes())) for file in files)
    assert 5_000 < weight < OURS[kind]


def test_b7_the_policy_for_scripts_is_strict() -> None:
    policy = Client().get("/accounts/login/")["Content-Security-Policy"]
    found = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert "unsafe" not in policy
    assert found["require-trusted-types-for"] == "'script'"
    assert found["trusted-types"] == "default"
    assert {found["object-src"], found["base-uri"], found["frame-ancestors"]} == {
        "'none'"
    }


def test_c9_who_logs_out_leaves_nothing_in_the_browser() -> None:
    user = make_user("ada")
    client = Client()
    client.force_login(user, backend="accounts.backends.PresentBackend")
    assert "Clear-Site-Data" not in client.get("/").headers
    left = client.post("/accounts/logout/")
    assert left["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in client.get("/").headers
