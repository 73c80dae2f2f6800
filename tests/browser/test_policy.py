"""The policy room's matrix in a real browser, by keyboard and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Arrive
from tests.browser.site import Person, Site

pytestmark = pytest.mark.browser


@pytest.fixture
def demo_people(browser: Browser, demo: Site) -> Iterator[Arrive]:
    """Opens a browser for one of the demo's people; none of them may meet an error."""
    people: list[Person] = []

    def arrive(name: str) -> Person:
        person = Person.arrives(browser, demo, name)
        person.logs_in()
        people.append(person)
        return person

    yield arrive
    errors = [error for person in people for error in person.errors]
    for person in people:
        person.context.close()
    assert not errors


def test_the_matrix_works_by_keyboard_and_on_a_phone(
    demo: Site, demo_people: Arrive
) -> None:
    noor = demo_people("noor")
    page = noor.goes("/policy/")
    page.click("text=Begin a draft")
    page.wait_for_url(re.compile("/policy/drafts/"))
    cell = page.locator("[name='cell.face.none']")
    cell.focus()
    seen = [cell.input_value()]
    for _ in range(3):
        page.keyboard.press("Space")
        seen.append(cell.input_value())
    assert seen == ["weighed", "show", "veil", "weighed"]
    page.set_viewport_size({"width": 390, "height": 860})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    page.click("text=Drop the draft")
    page.wait_for_url("**/policy/")
