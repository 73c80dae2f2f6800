"""The page where people make keys for other programs and take them back."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import User
from privacy.outside import keys
from privacy.outside.models import ApiKey
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return make_user("alice")


@pytest.fixture
def browser(alice: User) -> Client:
    """Logged in a moment ago, with the password."""
    client = Client()
    answer = client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert answer.status_code == 302
    assert (
        client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code
        == 302
    )
    return client


def test_a_key_is_shown_once(browser: Client) -> None:
    form = {"name": "Editor", "scope": "analyse", "days": "30", "origin": ""}
    answer = browser.post("/settings/keys/new", form)
    found = re.search(r'value="(npk_[\w-]{43})"', answer.content.decode())
    assert found is not None
    row = keys.access_key(found[1])
    assert row is not None
    assert (row.name, row.scope) == ("Editor", "analyse")
    later = browser.get("/settings/keys/").content.decode()
    assert found[1] not in later
    assert row.hint in later
    assert "Never used" in later
    keys.spend(row)
    assert "Last used" in browser.get("/settings/keys/").content.decode()


def test_making_one_asks_for_the_password_again(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    form = {"name": "Editor", "scope": "protect", "days": "30"}
    answer = client.post("/settings/keys/new", form)
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert not ApiKey.objects.exists()


def test_a_wrong_origin_is_told(browser: Client) -> None:
    form = {"name": "Page", "scope": "protect", "days": "30", "origin": "shop"}
    answer = browser.post("/settings/keys/new", form)
    assert answer.status_code == 422
    assert b"https://example.org" in answer.content
    form["origin"] = "https://Shop.example/upload?x=1"
    browser.post("/settings/keys/new", form)
    assert ApiKey.objects.get().origin == "https://shop.example"


def test_a_key_is_taken_back_by_its_owner_alone(browser: Client, alice: User) -> None:
    row, text = keys.issue(alice.pk, "editor")
    other = Client()
    other.force_login(make_user("bob"))
    assert other.post(f"/settings/keys/{row.public_id}/revoke").status_code == 404
    assert keys.access_key(text) is not None
    assert browser.post(f"/settings/keys/{row.public_id}/revoke").status_code == 302
    assert keys.access_key(text) is None
    assert browser.post(f"/settings/keys/{row.public_id}/revoke").status_code == 404


def test_there_is_a_most(alice: User, browser: Client) -> None:
    for number in range(keys.MOST):
        keys.issue(alice.pk, str(number))
    with pytest.raises(keys.TooMany):
        keys.issue(alice.pk, "one more")
    form = {"name": "Editor", "scope": "protect", "days": "30"}
    assert browser.post("/settings/keys/new", form).status_code == 302
    assert ApiKey.objects.count() == keys.MOST
