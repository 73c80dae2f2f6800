"""Every page of the demo and who looks at it: for pictures, axe, widths and Lighthouse.

What only one person can reach is looked at by them; where a page differs by who looks,
it stands here once for each of the six and for a visitor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import Page

if TYPE_CHECKING:
    from tools.screens import PageOf

VISITOR = ""
_NOWHERE = "/p/00000000-0000-4000-8000-000000000000/"


@dataclass(frozen=True, slots=True)
class View:
    """One page as one person sees it; ``""`` is a visitor without an account.

    ``again``: the same page as another view, with another person's pixels in it.
    """

    name: str
    path: str
    person: str = VISITOR
    again: bool = False


def every_view(page_of: PageOf) -> list[View]:
    """What there is to see, on a site whose demo is filled."""
    site = page_of.site

    def found(person: str, path: str, part: str) -> str:
        page = page_of(person)
        page.goto(site + path)
        return first(page, f"main a[href*='{part}']", part)

    post = found(VISITOR, "/explore/", "/p/")
    compose = post.replace("/p/", "/share/")
    draft = found("ana", "/share/", "/share/")
    album = found("ana", "/albums/", "/albums/")
    why = found("ana", compose, "/why")
    return [
        View("front", "/"),
        View("signup", "/accounts/signup/"),
        View("login", "/accounts/login/"),
        View("password-reset", "/accounts/password/reset/"),
        View("offline", "/offline/"),
        View("mask-me", "/mask-me/"),
        View("explore", "/explore/"),
        View("profile", "/u/ana/", "ben"),
        View("profile-self", "/u/ana/", "ana"),
        View("profile-stranger", "/u/ana/"),
        View("albums-of", "/u/ana/albums/", "ben"),
        View("feed", "/", "ben"),
        View("feed-close", "/", "carla", again=True),
        View("feed-owner", "/", "ana"),
        View("notifications", "/notifications/", "ana"),
        View("gallery", "/gallery/", "ana"),
        View("albums", "/albums/", "ana"),
        View("album", album, "ana"),
        View("people", "/people/", "ana"),
        View("share", "/share/", "ana"),
        View("composer", compose, "ana"),
        View("composer-as", compose + "?as=full", "ana"),
        View("composer-draft", draft, "ana"),
        View("why", why, "ana"),
        View("delete", compose + "delete", "ana"),
        View("missing", _NOWHERE, "ana"),
        View("missing-visitor", _NOWHERE, again=True),
        *(
            View(
                f"post-{person or 'stranger'}",
                post,
                person,
                person not in ("ben", "ana"),
            )
            for person in (VISITOR, "dan", "ben", "carla", "ana", "eva", "finn")
        ),
        View("welcome-1", "/welcome/1/", "finn"),
        View("welcome-2", "/welcome/2/", "finn"),
        View("welcome-3", "/welcome/3/", "finn"),
        View("settings", "/settings/", "ana"),
        *(
            View(f"settings-{name}", f"/settings/{name}/", "ana")
            for name in (
                *("profile", "language", "appearance", "notifications", "privacy"),
                *("blocked", "suggestions", "shared", "data", "keys"),
            )
        ),
        View("settings-password", "/accounts/password/change/", "ana"),
        View("settings-email", "/accounts/email/", "ana"),
        View("settings-factors", "/accounts/2fa/", "ana"),
        View("settings-devices", "/accounts/sessions/", "ana"),
        View("your-rules", "/yours/rules/", "ana"),
        View("your-reports", "/yours/reports/", "ana"),
        View("your-requests", "/yours/asked/", "ana"),
        # Noor minds the site and follows nobody: the empty page of everything.
        View("feed-empty", "/", "noor"),
        View("notifications-empty", "/notifications/", "noor"),
        View("gallery-empty", "/gallery/", "noor"),
        View("albums-empty", "/albums/", "noor"),
        View("people-empty", "/people/", "noor"),
        View("profile-empty", "/u/noor/", "noor"),
        View("shared-empty", "/settings/shared/", "noor"),
        View("policy", "/policy/", "noor"),
        View("policy-thresholds", "/policy/thresholds/", "noor"),
        View("policy-reports", "/policy/reports/", "noor"),
        View("policy-requests", "/policy/claims/", "noor"),
        View("policy-lists", "/policy/lists/", "noor"),
        View("policy-operations", "/policy/operations/", "noor"),
        View("policy-glass", "/policy/glass/", "noor"),
        View("policy-log", "/policy/log/", "noor"),
    ]


def first(page: Page, selector: str, part: str) -> str:
    """The first address on a page that contains ``part``, as a path."""
    for href in page.eval_on_selector_all(selector, "all => all.map(a => a.pathname)"):
        if part in href:
            return str(href)
    raise SystemExit(f"no {selector} on {page.url}: is the demo filled?")
