"""A14: who comes to the object store without our key gets nothing."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import override_settings

from gallery import storage
from tests.services.site import ROOT


@pytest.fixture
def kept() -> Iterator[tuple[str, str]]:
    """An object in each storage that holds pictures: (address, storage's name)."""
    made = []
    for name in storage.NAMES:
        store = storages[name]
        key = storage.put(store, secrets.token_bytes(64))
        made.append((name, key))
    yield made  # type: ignore[misc]
    for name, key in made:
        storages[name].delete(key)


def test_a14_nobody_gets_or_lists_without_a_key(kept: list[tuple[str, str]]) -> None:
    base = f"{os.environ['NOPEEK_S3_ENDPOINT']}/{settings_bucket()}"
    for name, key in kept:
        place = f"{storages[name].location}/{key}"  # type: ignore[attr-defined]
        assert storage.get(storages[name], key)
        assert httpx.get(f"{base}/{place}").status_code == 403
        assert httpx.head(f"{base}/{place}").status_code == 403


def test_a14_the_bucket_is_open_to_its_owner_alone(kept: object) -> None:
    grants = storage.renditions().bucket.Acl().grants  # type: ignore[attr-defined]
    assert {grant["Grantee"]["Type"] for grant in grants} == {"CanonicalUser"}


def test_a14_no_address_of_an_object_is_ever_given_out() -> None:
    """No signed URL can be passed on, outlive a demotion or lie in a log: there is none."""
    for app in ("accounts", "feeds", "gallery", "nopeek_site", "privacy"):
        for path in (ROOT / app).rglob("*.py"):
            text = path.read_text()
            assert "generate_presigned" not in text, path
            if app == "gallery":
                assert ".url(" not in text, path
    for name in storage.NAMES:
        options = settings.STORAGES[name]["OPTIONS"]
        assert options["default_acl"] is None
        assert not options.get("custom_domain")


def test_k8_an_object_store_that_is_away_is_an_error_and_no_picture() -> None:
    """And its listing and its removal say so too, instead of pretending."""
    options = {
        **settings.STORAGES["renditions"]["OPTIONS"],
        "endpoint_url": "http://127.0.0.1:9",
    }
    away = {"BACKEND": settings.STORAGES["renditions"]["BACKEND"], "OPTIONS": options}
    with override_settings(STORAGES={**settings.STORAGES, "renditions": away}):
        with pytest.raises(Exception, match="connect"):
            storage.get(storage.renditions(), "ab/abcdef")
        assert storage.remove_all(["renditions/ab/abcdef"]) == ["renditions/ab/abcdef"]


def test_an_object_that_is_not_there_is_not_found() -> None:
    with pytest.raises(FileNotFoundError):
        storage.get(storage.renditions(), "ab/" + "0" * 32)
    storage.remove(storage.renditions(), "ab/" + "0" * 32)


def test_listing_names_every_object_with_its_time() -> None:
    keys = {storage.put(storage.exports(), b"x" * n) for n in range(1, 4)}
    storage.exports().save("zz/other", ContentFile(b"y"))
    found = dict(storage.listing("exports"))
    assert keys | {"zz/other"} <= set(found)
    assert all(time.tzinfo is not None for time in found.values())
    assert storage.remove_all(f"exports/{key}" for key in (*keys, "zz/other")) == []
    assert not keys & set(dict(storage.listing("exports")))


def settings_bucket() -> str:
    bucket: str = settings.STORAGES["renditions"]["OPTIONS"]["bucket_name"]
    return bucket


def test_nothing_lies_beside_the_three_storages_on_disk() -> None:
    """With an object store the folder of a worker holds no picture."""
    for path in Path(os.environ["NOPEEK_VAR"]).rglob("*"):
        if path.is_file():
            head = path.read_bytes()[:12]
            assert not head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"RIFF")), path
