"""Without JavaScript, and without a mouse."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.site import PASSWORD, Person, Site

pytestmark = pytest.mark.browser
Arrive = Callable[[str], Person]
MOST_TABS = 80


def test_without_javascript_one_reads_follows_likes_and_uploads(
    browser: Browser, demo: Site, letter: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, demo, "eva")
    # The feed and the explore page, with pictures.
    page.goto(demo.url + "/explore/")
    assert media_ids_plain(page)
    # Follow, and take it back.
    page.goto(demo.url + "/u/carla/")
    follow = page.locator("main button:text-is('Follow')")
    if not follow.count():
        page.click("main button:text-is('Following')")
    follow.click()
    expect(
        page.locator(
            "main button:has-text('Requested'), main button:has-text('Following')"
        )
    ).to_be_visible()
    # Like.
    page.goto(demo.url + "/explore/")
    page.locator("a[href*='/p/']").first.click()
    page.wait_for_url("**/p/**")
    liked = page.locator("[data-key=l]").first.get_attribute("aria-pressed") == "true"
    with page.expect_navigation():
        page.locator("[data-key=l]").first.click()
    other = "false" if liked else "true"
    expect(page.locator(f"[data-key=l][aria-pressed={other}]").first).to_be_visible()
    # A comment.
    page.fill("#say-new", "Said without a script")
    page.click("form:has(#say-new) button")
    expect(page.locator("#comments")).to_contain_text("Said without a script")
    # A plain upload leads to the review page.
    page.goto(demo.url + "/share/")
    page.set_input_files("input[type=file]", [str(letter)])
    page.click("main button:has-text('Upload')")
    page.wait_for_url(re.compile(r"/share/[0-9a-f-]{36}/"))
    context.close()


def media_ids_plain(page: Page) -> list[str]:
    """As ``media_ids``, of a page that runs no script."""
    return re.findall(r'data-media="([0-9a-f-]{36})"', page.content())


def log_in(page: Page, site: Site, name: str) -> None:
    page.goto(site.url + "/accounts/login/")
    page.fill("[name=login]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: "/accounts/login" not in url)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there; what is in focus has to show."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            box = page.evaluate(
                "() => { const s = getComputedStyle(document.activeElement);"
                " return s.outlineStyle !== 'none' || s.boxShadow !== 'none'"
                " || document.activeElement.matches('.tile, input, textarea, select') }"
            )
            assert box, f"{selector} in focus cannot be told"
            return
    raise AssertionError(f"{selector} is not reached with {MOST_TABS} tabs")


def test_the_whole_journey_by_keyboard(
    browser: Browser, site: Site, letter: Path
) -> None:
    """Log in, share, choose the audience, post, like, comment: no pointer at all."""
    person = Person.arrives(browser, site, "keya")
    person.signs_up()
    page = person.goes("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    tab_to_from_top(page, "nav a[href='/share/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/share/")
    tab_to_from_top(page, "input[type=file]")
    # The file dialog is the system's own; choosing is what Enter leads to.
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(str(letter))
    page.wait_for_url(re.compile(r"/share/[0-9a-f-]{36}/"))
    draft = page.url.removeprefix(site.url)
    person.waits_until_ready(draft)
    person.goes(draft)
    tab_to_from_top(page, "input[name=audience]")
    for _ in range(4):
        if page.evaluate("document.activeElement.value") == "everyone":
            break
        page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.value") == "everyone"
    with page.expect_navigation():
        page.keyboard.press("Enter")  # submits the form of the audience
    tab_to_from_top(page, "[name=caption]")
    page.keyboard.type("Typed, not clicked")
    tab_to(page, "#words button[name=post], #words button.button--primary")
    page.keyboard.press("Enter")
    page.wait_for_url("**/p/**")
    tab_to_from_top(page, "[data-key=l]")
    page.keyboard.press("Enter")
    expect(page.locator("[data-key=l][aria-pressed=true]")).to_be_visible()
    tab_to_from_top(page, "#say-new")
    page.keyboard.type("To myself")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#comments")).to_contain_text("To myself")
    assert not person.errors
    person.context.close()


def tab_to_from_top(page: Page, selector: str) -> None:
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    page.evaluate("document.querySelector('.skip').focus()")
    tab_to(page, selector)
