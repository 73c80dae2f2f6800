"""The three lanes in a real browser: by mouse, by touch, by keys, several at once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.site import Person, Site

pytestmark = pytest.mark.browser
Arrive = Callable[[str], Person]


def lane(page: Page, name: str, username: str):
    return page.locator(f"[data-lane={name}] [data-username={username}]")


def grip(page: Page, username: str):
    return page.locator(f"[data-lane] [data-username={username}] [data-grip]")


def centre(locator) -> tuple[float, float]:
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.fixture(scope="module")
def owner(browser: Browser, site: Site):
    """Somebody with two followers, by way of the pages."""
    people = [Person.arrives(browser, site, name) for name in ("quinn", "rosa", "tom")]
    owner, *followers = people
    for person in people:
        person.signs_up()
    for person in followers:
        person.follows("quinn")
        page = owner.goes("/people/")
        page.click(f"[data-username={person.name}] button:has-text('Accept')")
        expect(lane(page, "distant", person.name)).to_be_visible()
    yield owner
    assert not [error for person in people for error in person.errors]
    for person in people:
        person.context.close()


@pytest.fixture
def quinn(owner: Person) -> Person:
    """With both followers distant again."""
    page = owner.goes("/people/")
    for name in ("rosa", "tom"):
        page.check(f"[data-lane] [data-username={name}] [name=person]")
    page.click(".moves button:has-text('Distant')")
    for name in ("rosa", "tom"):
        expect(lane(page, "distant", name)).to_be_visible()
    return owner


def test_by_mouse(quinn: Person) -> None:
    page = quinn.goes("/people/")
    x, y = centre(lane(page, "distant", "rosa").locator("strong"))
    to_x, to_y = centre(page.locator("[data-lane=close]"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=8)
    expect(page.locator("[data-lane=close]")).to_have_class(re.compile("drop-here"))
    page.mouse.up()
    expect(lane(page, "close", "rosa")).to_be_visible()
    expect(page.locator("#messages")).to_contain_text("rosa is now in the lane: Close.")
    assert page.url.endswith("/people/")  # the press on the name was no click
    page.reload()
    expect(lane(page, "close", "rosa")).to_be_visible()


def test_escape_and_nowhere_leave_things_as_they_are(quinn: Person) -> None:
    page = quinn.goes("/people/")
    for escaped in (True, False):
        page.mouse.move(*centre(grip(page, "rosa")))
        page.mouse.down()
        aim = "[data-lane=close]" if escaped else "h1"
        page.mouse.move(*centre(page.locator(aim)), steps=4)
        if escaped:
            page.keyboard.press("Escape")
        page.mouse.up()
        expect(page.locator(".person--ghost")).to_have_count(0)
    page.reload()
    expect(lane(page, "distant", "rosa")).to_be_visible()


def test_by_keys_alone(quinn: Person) -> None:
    page = quinn.goes("/people/")
    grip(page, "rosa").focus()
    page.keyboard.press("ArrowRight")
    expect(lane(page, "regular", "rosa")).to_be_visible()
    expect(grip(page, "rosa")).to_be_focused()
    expect(page.locator("#messages")).to_contain_text(
        "rosa is now in the lane: Regular."
    )
    page.keyboard.press("ArrowLeft")
    expect(lane(page, "distant", "rosa")).to_be_visible()
    expect(grip(page, "rosa")).to_be_focused()
    page.keyboard.press("ArrowLeft")  # there is nothing further out
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-lane=distant] [data-grip]:focus")).to_have_count(1)


def test_several_at_once(quinn: Person) -> None:
    page = quinn.goes("/people/")
    bar = page.locator(".moves")
    expect(bar).to_be_hidden()
    for name in ("rosa", "tom"):
        page.check(f"[data-lane] [data-username={name}] [name=person]")
    expect(bar).to_be_visible()
    bar.get_by_role("button", name="Regular").click()
    for name in ("rosa", "tom"):
        expect(lane(page, "regular", name)).to_be_visible()
    expect(bar).to_be_hidden()
    # What is chosen moves together when one of it is dragged.
    for name in ("rosa", "tom"):
        page.check(f"[data-lane] [data-username={name}] [name=person]")
    page.mouse.move(*centre(grip(page, "tom")))
    page.mouse.down()
    page.mouse.move(*centre(page.locator("[data-lane=distant]")), steps=6)
    page.mouse.up()
    for name in ("rosa", "tom"):
        expect(lane(page, "distant", name)).to_be_visible()


def test_by_touch_on_a_phone(browser: Browser, site: Site, quinn: Person) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 780},
        has_touch=True,
        is_mobile=True,
        storage_state=quinn.context.storage_state(),
    )
    page = context.new_page()
    page.goto(site.url + "/people/")
    touch = context.new_cdp_session(page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]},
        )

    x, y = centre(grip(page, "tom"))
    send("touchStart", (x, y))
    send("touchMove", (x + 4, y - 12))
    drop = page.locator(".moves [data-drop='2']")  # lanes are far apart on a phone
    expect(drop).to_be_visible()
    box = drop.bounding_box()
    send("touchMove", (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
    expect(drop).to_have_class(re.compile("drop-here"))
    send("touchEnd")
    expect(lane(page, "close", "tom")).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    context.close()


def test_without_scripts(browser: Browser, site: Site, quinn: Person) -> None:
    context = browser.new_context(
        java_script_enabled=False, storage_state=quinn.context.storage_state()
    )
    page = context.new_page()
    page.goto(site.url + "/people/")
    page.check("[data-lane=distant] [data-username=tom] [name=person]")
    page.click(".moves button:has-text('Regular')")
    expect(lane(page, "regular", "tom")).to_be_visible()
    expect(page.locator("#messages")).to_contain_text("tom is now in the lane")
    context.close()
