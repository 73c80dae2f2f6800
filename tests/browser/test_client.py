"""What a browser gets, keeps and can be made to do (I20, C5, C9, B4, B7, B9)."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Response, expect

from privacy.core.image import Picture
from privacy.core.scan import run_one
from tests.browser.conftest import letter_photo
from tests.browser.site import Person, Site, free_port, media_ids

pytestmark = pytest.mark.browser
Arrive = Callable[[str], Person]
SECRET = {"text.iban", "text.phone"}
EVIL = '"><img src=x onerror="window.evil=1"><script>window.evil=1</script>'


def text_in(data: bytes) -> set[str]:
    with Image.open(io.BytesIO(data)) as image:
        picture = Picture(np.asarray(image.convert("RGB")))
    run, found = run_one("text", picture)
    assert run.status == "ok", run.detail
    return {finding.category for finding in found}


@pytest.fixture(scope="module")
def posted(
    browser: object, site: Site, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A letter that Wil has posted for everyone; the address of the post."""
    wil = Person.arrives(browser, site, "wil")  # type: ignore[arg-type]
    wil.signs_up()
    file = tmp_path_factory.mktemp("letter") / "letter.jpg"
    file.write_bytes(letter_photo(seed=11))
    draft = wil.uploads(file)
    wil.waits_until_ready(draft)
    wil.goes(draft)
    wil.page.check("input[name=audience][value=everyone]")
    wil.sends("text=Set audience")
    wil.page.fill("[name=caption]", EVIL)
    wil.page.click("#words button:has-text('Post')")
    wil.page.wait_for_url("**/p/**")
    post = wil.page.url.removeprefix(site.url)
    wil.context.close()
    return post


def pictures_of(page: Page) -> list[tuple[str, bytes]]:
    """Every picture that the page receives from now on, as it came over the line."""
    got: list[tuple[str, bytes]] = []

    def keep(response: Response) -> None:
        kind = response.headers.get("content-type", "")
        if response.status == 200 and kind.startswith("image/"):
            got.append((response.url, response.body()))

    page.on("response", keep)
    return got


def test_i20_no_picture_of_a_session_holds_what_is_masked(
    arrives: Arrive, posted: str
) -> None:
    sal = arrives("sal")
    sal.signs_up()
    got = pictures_of(sal.page)
    for path in ("/", "/explore/", "/u/wil/", posted, "/notifications/"):
        page = sal.goes(path)
        page.wait_for_load_state("networkidle")
        # A mask is in the pixels: nothing is laid over a picture to hide a part of it.
        assert page.locator(".picture canvas, .picture svg.mask").count() == 0
    photos = [body for url, body in got if "/m/" in url]
    inline = page.eval_on_selector_all(
        "img[src^='data:']", "all => all.map(one => one.src)"
    )
    assert photos
    for body in {*photos}:
        assert not SECRET & text_in(body)
    for source in set(inline):
        with Image.open(
            io.BytesIO(base64.b64decode(source.partition(",")[2]))
        ) as small:
            assert max(small.size) <= 32, (
                "a placeholder is a few pixels of the rendition"
            )


def test_c5_who_was_demoted_and_presses_back_gets_the_picture_of_now(
    arrives: Arrive, letter: Path
) -> None:
    kim, leo = arrives("kim"), arrives("leo")
    kim.signs_up()
    leo.signs_up()
    leo.follows("kim")
    page = kim.goes("/people/")
    page.click("[data-username=leo] button:has-text('Accept')")
    hold(kim, "leo", "Close")
    draft = kim.uploads(letter)
    kim.waits_until_ready(draft)
    page = kim.goes(draft)
    page.check("input[name=audience][value=followers]")
    kim.sends("text=Set audience")
    page.fill("[name=caption]", "A letter")
    page.click("#words button:has-text('Post')")
    page.wait_for_url("**/p/**")
    post = page.url.removeprefix(kim.site.url)

    leo.goes(post)
    (photo,) = media_ids(leo.page)
    close = leo.fetches(f"/m/{photo}/feed.jpg")[1]
    leo.goes("/explore/")
    hold(kim, "leo", "Distant")
    got = pictures_of(leo.page)
    leo.page.go_back()
    leo.page.wait_for_load_state("networkidle")
    assert photo in media_ids(leo.page)
    assert [url for url, _ in got if photo in url], "the picture is asked for again"
    bodies = {body for url, body in got if photo in url}
    assert close not in bodies
    assert all(not SECRET & text_in(body) for body in bodies)
    # Reload, with the service worker in charge: the same.
    leo.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    got.clear()
    leo.page.reload()
    leo.page.wait_for_load_state("networkidle")
    again = {body for url, body in got if photo in url}
    assert again == bodies
    kept = leo.page.evaluate(
        """async () => {
          const kept = [];
          for (const name of await caches.keys())
            for (const request of await (await caches.open(name)).keys()) kept.push(request.url);
          return kept;
        }"""
    )
    assert not [url for url in kept if "/m/" in url]


def hold(owner: Person, other: str, closeness: str) -> None:
    """Set how close a follower is, by the plain form of the people page."""
    answer = owner.context.request.post(
        f"{owner.site.url}/u/{other}/closeness",
        form={
            "closeness": {"Distant": "0", "Regular": "1", "Close": "2"}[closeness],
            "csrfmiddlewaretoken": owner.page.evaluate("document.body.dataset.csrf"),
        },
        headers={"Referer": owner.site.url + "/people/"},
    )
    assert answer.ok


def test_c9_the_next_user_of_a_browser_finds_nothing_of_the_one_before(
    arrives: Arrive, letter: Path
) -> None:
    una = arrives("una")
    una.signs_up()
    draft = una.uploads(letter)
    una.waits_until_ready(draft)
    (photo,) = media_ids(una.page)
    una.goes("/accounts/logout/")
    with una.page.expect_response(
        lambda answer: answer.request.method == "POST" and "logout" in answer.url
    ) as left:
        una.page.click("main form button[type=submit]")
    assert "cache" in (left.value.header_value("clear-site-data") or "")
    una.page.wait_for_url(lambda url: "/accounts/logout" not in url)
    second = Person("vic", una.context, una.page, una.site)
    second.signs_up()
    got = pictures_of(una.page)
    for _ in range(3):
        una.page.go_back()
        una.page.wait_for_load_state("networkidle")
    assert not [url for url, _ in got if photo in url]
    assert photo not in una.page.content()
    assert second.fetches(f"/m/{photo}/feed.jpg")[0] == 404


def test_b4_a_passkey_lets_its_owner_in_and_nobody_else(arrives: Arrive) -> None:
    pia = arrives("pia")
    pia.signs_up()
    devtools = pia.context.new_cdp_session(pia.page)
    devtools.send("WebAuthn.enable")
    key = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )["authenticatorId"]
    page = pia.goes("/accounts/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        pia.confirms_it_is_them()
        page.wait_for_url("**/webauthn/add/**")
    page.fill("[name=name]", "Laptop")
    if page.locator("[name=passwordless]").count():
        page.check("[name=passwordless]")
    page.click("main form button[type=submit], main form button#mfa_webauthn_add")
    page.wait_for_url(lambda url: "webauthn/add" not in url)
    held = devtools.send("WebAuthn.getCredentials", {"authenticatorId": key})
    assert len(held["credentials"]) == 1

    log_out(pia)
    page = pia.goes("/accounts/login/")
    page.click("button:has-text('passkey'), a:has-text('passkey')")
    page.wait_for_url(lambda url: "/accounts/login" not in url)
    page = pia.goes("/settings/profile/")
    expect(page.locator("nav a[href='/u/pia/']")).to_have_count(1)

    # The key is gone: nothing else opens.
    log_out(pia)
    devtools.send("WebAuthn.clearCredentials", {"authenticatorId": key})
    page = pia.goes("/accounts/login/")
    page.evaluate(REFUSED)
    page.click("button:has-text('passkey'), a:has-text('passkey')")
    page.wait_for_function("() => window.refused")
    assert "/accounts/login/" in page.url
    assert b'name="login"' in pia.fetches("/settings/profile/")[1]


REFUSED = """() => {
  const get = navigator.credentials.get.bind(navigator.credentials);
  navigator.credentials.get = (options) =>
    get(options).catch((error) => { window.refused = error.name; throw error; });
}"""
"""Afterwards ``window.refused`` says why the browser gave no key."""


def log_out(person: Person) -> None:
    person.goes("/accounts/logout/")
    person.page.click("main form button[type=submit]")
    person.page.wait_for_url(lambda url: "/accounts/logout" not in url)


def test_b7_what_people_write_stays_words(arrives: Arrive, posted: str) -> None:
    ivy = arrives("ivy")
    ivy.signs_up()
    page = ivy.goes("/settings/profile/")
    page.fill("[name=display_name]", '<b onclick="evil()">Ivy</b>'[:40])
    page.fill("[name=bio]", EVIL)
    ivy.sends("main form button[type=submit]")
    ivy.goes(posted)
    ivy.page.fill("#say-new", EVIL)
    ivy.page.click("#comments button:has-text('Send')")
    expect(ivy.page.locator("#comments")).to_contain_text("onerror")
    for path in (posted, "/explore/", "/u/wil/", "/u/ivy/", "/", "/notifications/"):
        page = ivy.goes(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.evil") is None
        assert page.locator("img[src=x]").count() == 0
    policy = ivy.context.request.get(ivy.site.url + posted).headers[
        "content-security-policy"
    ]
    assert "unsafe-inline" not in policy
    for rule in (
        "require-trusted-types-for 'script'",
        "object-src 'none'",
        "base-uri 'none'",
    ):
        assert rule in policy
    # ``arrives`` fails the test where any page met a violation of the CSP.


@pytest.fixture
def elsewhere(site: Site, posted: str) -> Iterator[Callable[[str], str]]:
    """Another site, with a page of one's choice."""
    pages: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path, "").encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    port = free_port()
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def page(html: str) -> str:
        pages[f"/{len(pages)}"] = html
        return f"http://127.0.0.1:{port}/{len(pages) - 1}"

    yield page
    server.shutdown()


def test_b9_no_other_site_can_show_or_frame_anything(
    arrives: Arrive, posted: str, elsewhere: Callable[[str], str]
) -> None:
    oli = arrives("oli")
    oli.signs_up()
    page = oli.goes(posted)
    (photo,) = media_ids(page)
    picture = f"{oli.site.url}/m/{photo}/feed.jpg"
    page.goto(
        elsewhere(
            f"<img id=a src='{picture}'><iframe id=b src='{oli.site.url}{posted}'></iframe>"
            "<script>window.seen = 'waiting';"
            "a.onload = () => { window.seen = 'shown' };"
            "a.onerror = () => { window.seen = 'refused' };</script>"
        )
    )
    page.wait_for_function("window.seen !== 'waiting'")
    assert page.evaluate("window.seen") == "refused"
    framed = [frame for frame in page.frames if frame != page.main_frame]
    assert all("letter" not in frame.content().lower() for frame in framed)
    assert all(frame.locator("[data-media]").count() == 0 for frame in framed)
    oli.errors.clear()  # the other site's own frame is refused by our CSP, loudly
