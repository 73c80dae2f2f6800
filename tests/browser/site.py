"""People who use the embedded site in a browser."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from tools.served import PASSWORD, ROOT, Site, free_port

__all__ = ["PASSWORD", "ROOT", "Person", "Site", "free_port", "media_ids", "until"]


@dataclass
class Person:
    """Somebody with a browser of their own."""

    name: str
    context: BrowserContext
    page: Page
    site: Site
    errors: list[str] = field(default_factory=list)

    @classmethod
    def arrives(
        cls, browser: Browser, site: Site, name: str, wide: bool = True
    ) -> Person:
        context = browser.new_context(
            viewport={"width": 1280 if wide else 390, "height": 860},
            reduced_motion="reduce",
        )
        context.set_default_timeout(60_000)
        person = cls(name, context, context.new_page(), site)
        person.page.on("pageerror", lambda error: person.errors.append(str(error)))
        person.page.on(
            "console",
            lambda line: (
                person.errors.append(line.text)
                if "Content Security Policy" in line.text or "Trusted" in line.text
                else None
            ),
        )
        return person

    def stands(self) -> str:
        """Where they are and what they read there, for the report of a failure."""
        read = self.page.inner_text("body") if not self.page.is_closed() else ""
        return f"--- {self.name} at {self.page.url}\n{read[:1500]}"

    def goes(self, path: str) -> Page:
        self.page.goto(self.site.url + path)
        return self.page

    def sends(self, button: str) -> Page:
        """Press what sends a form, and be where it leads."""
        with self.page.expect_navigation():
            self.page.click(button)
        return self.page

    def signs_up(self) -> None:
        page = self.goes("/accounts/signup/")
        page.fill("[name=username]", self.name)
        page.fill("[name=password1]", PASSWORD)
        page.click("main form:has([name=password1]) button[type=submit]")
        page.wait_for_url("**/welcome/**")  # the first run, which can wait
        page.click("a:has-text('Later')")
        page.wait_for_url(self.site.url + "/")

    def logs_in(self) -> None:
        page = self.goes("/accounts/login/")
        page.fill("[name=login]", self.name)
        page.fill("[name=password]", PASSWORD)
        page.click("main form button[type=submit]")
        page.wait_for_url(self.site.url + "/")

    def confirms_it_is_them(self) -> None:
        """Give the password again, as before everything that cannot be undone."""
        self.page.wait_for_url("**/accounts/reauthenticate/**")
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main form button[type=submit]")

    def follows(self, other: str) -> None:
        page = self.goes(f"/u/{other}/")
        page.click("main button:has-text('Follow')")
        page.wait_for_selector(
            "main button:has-text('Requested'), main button:has-text('Following')"
        )

    def holds(self, other: str, lane: str) -> None:
        """Put a follower into a lane by their menu on the people page."""
        page = self.page
        page.click(f"[data-lane] [data-username={other}] details.menu > summary")
        page.locator(f"[data-lane] [data-username={other}] select").select_option(
            label=lane
        )
        page.wait_for_selector(f"[data-lane={lane.lower()}] [data-username={other}]")

    def fetches(self, path: str) -> tuple[int, bytes]:
        """Status and body of a request with this person's cookies."""
        answer = self.context.request.get(self.site.url + path)
        return answer.status, answer.body()

    def uploads(self, *files: Path) -> str:
        """Choose files on the share page; the address of the draft."""
        page = self.goes("/share/")
        page.set_input_files("input[type=file]", [str(file) for file in files])
        page.wait_for_url(re.compile(r"/share/[0-9a-f-]{36}/"))
        return page.url.removeprefix(self.site.url)

    def waits_until_ready(
        self, draft: str, count: int = 1, seconds: float = 240
    ) -> None:
        """Stay on the compose page until every photo is ready, without reloading."""
        if not self.page.url.endswith(draft):
            self.goes(draft)
        self.page.wait_for_function(
            "count => document.querySelectorAll(\".status[data-state='ready']\").length"
            " === count && document.querySelectorAll('.risks').length === count",
            arg=count,
            timeout=seconds * 1000,
        )


def until(ask: Callable[[], bool], what: str, within: float = 300) -> None:
    """Ask until it is so; ``within`` seconds are for a machine that is very busy."""
    end = time.monotonic() + within
    while not ask():
        assert time.monotonic() < end, f"not within {within:g} s: {what}"
        time.sleep(0.5)


def media_ids(page: Page) -> list[str]:
    """Public ids of the pictures on a page, in their order, each once."""
    found = page.eval_on_selector_all(
        "[data-media]", "all => all.map(one => one.dataset.media)"
    )
    return list(dict.fromkeys(found))
