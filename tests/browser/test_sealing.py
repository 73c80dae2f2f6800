"""M7 in a browser: a sealed photo, opened on the page that showed it sealed."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, Response, expect

from accounts.models import Closeness, Follow, User
from gallery import vault
from gallery.models import Media
from privacy.core.redact.mask import region_mask
from privacy.core.sanitise import decode_master
from privacy.core.types import Grid, Region, Treatment
from tests.factories import PLACES, People, make_media, people

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

Shown: TypeAlias = np.ndarray[Any, np.dtype[np.uint8]]
FACE, PLATE, _CARD = PLACES
CANVAS = """canvas => {
  const { width, height } = canvas;
  const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  return [width, height, btoa(String.fromCharCode(...data))];
}"""


@dataclass
class Visit:
    """Somebody's page, and every answer that it got."""

    page: Page
    log: list[Response] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def button(self) -> Any:
        return self.page.locator("[data-unlock]")

    def asked(self) -> list[tuple[str, int]]:
        """Addresses about seals that it asked for, and what came of it."""
        found = [(one.url.rpartition("/")[2], one.status) for one in self.log]
        return [one for one in found if one[0] in ("unlock", "sealed")]

    def painted(self) -> Shown:
        """The canvas over the picture, (h, w, 4), as its page reads it back."""
        canvas = self.page.locator("canvas.picture__opened")
        expect(canvas).to_have_count(1)
        width, height, text = canvas.evaluate(CANVAS)
        data = np.frombuffer(base64.b64decode(text), np.uint8)
        return data.reshape(height, width, 4)


Visits = Callable[[User | None], Visit]


@pytest.fixture(scope="module", autouse=True)
def _beside_a_loop() -> Iterator[None]:
    """Playwright has an event loop in this thread; nothing here is asynchronous."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def six(settings: Any) -> People:
    settings.ALLOWED_HOSTS = ["localhost"]
    return people()


@pytest.fixture
def media(six: People) -> Media:
    """Face sealed from strangers, plate from followers too, card from everybody."""
    return make_media(six.alice, style="seal")


@pytest.fixture
def visits(
    live_server: Any, browser: Browser, media: Media, settings: Any
) -> Iterator[Visits]:
    """Opens the post's page for somebody who is logged in."""
    opened: list[Visit] = []

    def visit(user: User | None) -> Visit:
        context = browser.new_context(base_url=live_server.url, reduced_motion="reduce")
        if user is not None:
            client = Client()
            client.force_login(user)
            name = settings.SESSION_COOKIE_NAME
            value = client.cookies[name].value
            context.add_cookies(
                [{"name": name, "value": value, "url": live_server.url}]
            )
        one = Visit(context.new_page())
        opened.append(one)
        # Playwright takes no built-in as a listener.
        one.page.on("response", lambda answer: one.log.append(answer))  # noqa: PLW0108
        one.page.on("pageerror", lambda error: one.errors.append(str(error)))
        one.page.goto(f"/p/{media.post.public_id}/")
        return one

    yield visit
    for one in opened:
        one.page.context.close()
    assert not [error for one in opened for error in one.errors]


def place_of(category: str) -> Any:
    region = Region(category, PLACES[category], Treatment())
    return region_mask(region, 120, 80, Grid())


def held(user: User, closeness: Closeness) -> None:
    Follow.objects.filter(follower=user).update(closeness=closeness)


def test_a_follower_is_let_closer_and_opens_what_was_sealed(
    six: People, media: Media, visits: Visits
) -> None:
    held(six.bob, Closeness.DISTANT)
    bob = visits(six.bob)
    expect(bob.button).to_have_text("Unlock")
    expect(bob.button).to_have_attribute("aria-pressed", "false")
    shown = bob.page.locator("picture img").evaluate("img => img.currentSrc")

    # Not yet; and what a key press asks for is one 404 that says nothing.
    bob.button.press("Enter")
    expect(bob.page.locator("#messages")).to_contain_text("Still sealed")
    assert bob.asked() == [("unlock", 404)]
    expect(bob.page.locator("canvas")).to_have_count(0)

    # Let closer, by one step: the face opens, on the very picture that he has.
    held(six.bob, Closeness.REGULAR)
    bob.button.press("Enter")
    expect(bob.button).to_have_text("Seal again")
    expect(bob.button).to_have_attribute("aria-pressed", "true")
    assert bob.page.locator("picture img").evaluate("img => img.currentSrc") == shown
    assert bob.asked()[1:] == [("unlock", 200), ("sealed", 200)]
    clear = decode_master(vault.open_sealed(media, "master"), Grid()).pixels
    over = bob.painted()
    assert over.shape == (80, 120, 4)
    alone = place_of(FACE) & ~place_of(PLATE)
    assert (over[alone][:, 3] == 255).all()
    assert np.array_equal(over[alone][:, :3], clear[alone])
    plate = place_of(PLATE)
    inside = (over[..., 3] == 255) & plate
    assert not np.array_equal(over[inside][:, :3], clear[inside])

    # Sealed again and let closer still: the plate opens too.
    bob.button.press("Enter")
    expect(bob.page.locator("canvas")).to_have_count(0)
    held(six.bob, Closeness.CLOSE)
    bob.button.press("Enter")
    card = place_of(_CARD)
    over = bob.painted()
    for category in (FACE, PLATE):
        there = place_of(category) & ~card
        assert np.array_equal(over[there][:, :3], clear[there])

    # Held further away: an open page that hears of a change closes, and stays shut.
    held(six.bob, Closeness.DISTANT)
    bob.page.evaluate(
        "document.dispatchEvent(new CustomEvent('nopeek:live',"
        " {detail: {type: 'feed.changed'}}))"
    )
    expect(bob.page.locator("canvas")).to_have_count(0)
    expect(bob.button).to_have_text("Unlock")
    bob.button.press("Enter")
    expect(bob.page.locator("#messages")).to_contain_text("Still sealed")
    assert bob.asked()[-1] == ("unlock", 404)


def test_a_stranger_asks_for_no_seal_and_gets_none(
    six: People, media: Media, visits: Visits
) -> None:
    """Loading and looking asks for neither key nor packet; asking gives the one 404."""
    erin = visits(six.erin)
    expect(erin.page.locator("picture img")).to_have_count(1)
    erin.page.wait_for_load_state("networkidle")
    assert erin.asked() == []
    for address in ("sealed", "unlock"):
        page = f"/m/{media.public_id}/{address}"
        method = "POST" if address == "unlock" else "GET"
        status = erin.page.evaluate(
            "async ([page, method]) => (await fetch(page, {method, headers: "
            "{'X-CSRFToken': document.querySelector('[name=csrfmiddlewaretoken]')"
            "?.value ?? ''}, body: method === 'POST' ? new URLSearchParams({page: ''})"
            " : undefined})).status",
            [page, method],
        )
        assert status in (403, 404), (address, status)
    clear = decode_master(vault.open_sealed(media, "master"), Grid()).pixels
    needle = clear[place_of(PLATE)].tobytes()[:96]
    for answer in erin.log:
        if answer.ok:
            assert needle not in answer.body(), answer.url
