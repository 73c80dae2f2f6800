"""The journey of a newcomer, step by step, against the embedded site with real models."""

from __future__ import annotations

import io
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from privacy.core.image import Picture
from privacy.core.scan import run_one
from tests.browser.conftest import letter_photo
from tests.browser.site import ROOT, Person, Site, media_ids

pytestmark = pytest.mark.browser
Arrive = Callable[[str], Person]


def pixels(data: bytes) -> Picture:
    with Image.open(io.BytesIO(data)) as image:
        return Picture(np.asarray(image.convert("RGB")))


def kinds(data: bytes) -> set[str]:
    """What the text detector still finds in somebody's bytes."""
    run, found = run_one("text", pixels(data))
    assert run.status == "ok", run.detail
    return {finding.category for finding in found}


def test_people_find_each_other(arrives: Arrive) -> None:
    """Step 2: sign up, profile, follow with approval, closeness, remove, block."""
    ada, bob = arrives("ada"), arrives("bob")
    ada.signs_up()
    bob.signs_up()
    page = ada.goes("/settings/profile/")
    page.fill("[name=display_name]", "Ada of the Hills")
    page.fill("[name=bio]", "Light and letters.")
    ada.sends("main form button[type=submit]")
    bob.follows("ada")
    assert "Light and letters." in bob.goes("/u/ada/").inner_text("main")
    expect(bob.page.locator("main button:has-text('Requested')")).to_be_visible()

    page = ada.goes("/people/")
    page.click("[data-username=bob] button:has-text('Accept')")
    distant = page.locator("[data-lane=distant] [data-username=bob]")
    expect(distant).to_be_visible()
    ada.holds("bob", "Close")
    expect(page.locator("[data-lane=close] [data-username=bob]")).to_be_visible()

    # Who is held how close is nobody else's business.
    seen = bob.goes("/u/ada/").inner_text("body").lower()
    assert "close" not in seen
    assert "distant" not in seen

    page = ada.goes("/people/")
    page.click("[data-lane=close] [data-username=bob] details.menu > summary")
    page.click("[data-lane=close] [data-username=bob] button:has-text('Remove')")
    expect(page.locator("[data-lane] [data-username=bob]")).to_have_count(0)

    page = ada.goes("/u/bob/")
    page.click("main details.menu > summary")
    ada.sends("main button:has-text('Block')")
    assert bob.fetches("/u/ada/") == bob.fetches("/u/nobody.at.all/")
    assert bob.fetches("/u/ada/")[0] == 404


def test_what_cannot_be_taken_is_said_before_a_byte_is_sent(
    arrives: Arrive, tmp_path: Path
) -> None:
    """Step 3: type, size and count; and a file that only claims to be a photo."""
    cleo = arrives("cleo")
    cleo.signs_up()
    page = cleo.goes("/share/")
    text = tmp_path / "notes.txt"
    text.write_text("not a photo")
    page.set_input_files("input[type=file]", [str(text)])
    expect(page.locator("[data-problems]")).to_contain_text("notes.txt")
    liar = tmp_path / "photo.jpg"
    liar.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    page.set_input_files("input[type=file]", [str(liar)])
    expect(page.locator("[data-problems]")).to_contain_text("photo.jpg")
    assert page.url.endswith("/share/")


WATCH = """() => new MutationObserver(() => {
  const list = document.querySelector('[data-uploads]');
  if (list) window.tell(list.innerText);
}).observe(document.body, { childList: true, characterData: true, subtree: true })"""


def test_a_photo_is_cancelled_and_another_is_told_of_elsewhere(
    arrives: Arrive, note: Path, tmp_path: Path
) -> None:
    """Step 3: the share that is sent, cancelling, and the news on another page."""
    tia = arrives("tia")
    tia.signs_up()
    later = tmp_path / "later.jpg"
    later.write_bytes(letter_photo(seed=7))
    told: list[str] = []

    def tell(words: str) -> None:
        told.append(words)

    page = tia.goes("/share/")
    page.expose_function("tell", tell)
    page.evaluate(WATCH)
    page.set_input_files("input[type=file]", [str(note), str(later)])
    page.wait_for_url(re.compile(r"/share/[0-9a-f-]{36}/"))
    assert any("%" in words and "note.jpg" in words for words in told)
    draft = page.url.removeprefix(tia.site.url)
    kept, dropped = page.eval_on_selector_all(
        ".dossier", "all => all.map(one => one.dataset.media)"
    )

    page.click(f"[data-frame='{dropped}'] a")
    tia.sends(f"#status-{dropped} button:has-text('Cancel')")
    assert tia.fetches(f"/share/media/{dropped}/status")[0] == 404
    assert tia.fetches(f"/share/media/{kept}/status")[0] == 200

    page = tia.goes("/people/")
    expect(page.locator("[data-live=unread]")).not_to_be_empty(timeout=240_000)
    assert "ready for you to look over" in tia.goes("/notifications/").inner_text(
        "main"
    )
    tia.waits_until_ready(draft)


def test_what_could_not_be_checked_says_so_and_is_tried_again(
    browser: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Step 3: a model is missing; when it is back, Try again goes on."""
    weights = tmp_path / "weights"
    missing = "platedet.onnx"
    everything = Path(os.environ.get("NOPEEK_WEIGHTS") or ROOT / "var" / "weights")
    shutil.copytree(everything, weights, ignore=shutil.ignore_patterns(missing))
    monkeypatch.setenv("NOPEEK_WEIGHTS", str(weights))
    site = Site(tmp_path / "var")
    site.start()
    try:
        person = Person.arrives(browser, site, "rex")  # type: ignore[arg-type]
        person.signs_up()
        file = tmp_path / "note.jpg"
        file.write_bytes(letter_photo(seed=5))
        draft = person.uploads(file)
        page = person.page
        page.wait_for_selector(".status[data-state='needs_review']", timeout=240_000)
        expect(page.locator("main")).to_contain_text("Nobody else sees")
        shutil.copy(everything / missing, weights)
        page.click(".status button:has-text('Try again')")
        person.waits_until_ready(draft)
        person.context.close()
    finally:
        assert site.end() == 0


def test_from_upload_to_every_viewers_own_pixels(arrives: Arrive, note: Path) -> None:
    """Steps 3 to 6 with one photo and four people."""
    mia, finn, cora, sam = (arrives(name) for name in ("mia", "finn", "cora", "sam"))
    for person in (mia, finn, cora, sam):
        person.signs_up()
    for person, closeness in ((finn, "Regular"), (cora, "Close")):
        person.follows("mia")
        page = mia.goes("/people/")
        page.click(f"[data-username={person.name}] button:has-text('Accept')")
        mia.holds(person.name, closeness)

    # Upload; survive a reload; be told of each stage without doing anything.
    draft = mia.uploads(note)
    mia.page.reload()
    mia.waits_until_ready(draft)
    page = mia.page
    (photo,) = media_ids(page)
    side = page.inner_text(".dossier__side")
    assert "bank account number" in side
    assert "phone number" in side
    assert "metadata removed" in side
    page.click("summary:has-text('metadata removed')")
    assert "48.13" in page.inner_text(".facts")
    assert "Songbird" in page.inner_text(".facts")

    # Nobody else has anything of it yet: not the page, not a byte, not a hint.
    for person in (finn, cora, sam):
        for size in ("thumb.jpg", "feed.jpg", "full.webp"):
            assert person.fetches(f"/m/{photo}/{size}")[0] == 404

    # Draw a region with the pointer, then take it away again.
    before = page.locator(".regions rect").count()
    page.click("[data-draw]")
    frame = page.locator(".regions").bounding_box()
    assert frame is not None
    x, y, w, h = frame["x"], frame["y"], frame["width"], frame["height"]
    page.mouse.move(x + 0.05 * w, y + 0.8 * h)
    page.mouse.down()
    page.mouse.move(x + 0.2 * w, y + 0.95 * h, steps=4)
    page.mouse.up()
    expect(page.locator(".regions rect")).to_have_count(before + 1)
    page.click("summary:has-text('you drew')")
    page.click(".finding button[name=remove]")
    expect(page.locator(".regions rect")).to_have_count(before)
    mia.waits_until_ready(draft)

    # See it as others do, once their versions are made anew, then post it for everyone.
    page.wait_for_function(
        "() => !document.querySelector('.risks').innerText.includes('being made')"
    )
    page.click("nav.segments a:has-text('Stranger')")
    expect(page.locator(".stage img[src*='as=full']")).to_be_visible()
    as_stranger = mia.fetches(f"/m/{photo}/feed.jpg?as=full")[1]
    mia.goes(draft)
    page.fill("[name=caption]", "Post from the clinic, @finn")
    page.check("input[name=audience][value=everyone]")
    mia.sends("text=Set audience")
    page.fill("[name=caption]", "Post from the clinic, @finn")
    page.click("#words button:has-text('Post')")
    page.wait_for_url("**/p/**")
    post = page.url.removeprefix(mia.site.url)
    expect(page.locator(".compare__range")).to_be_visible()

    # Step 5: three people, three different pictures; the owner's see-as was exact.
    got = {p.name: p.fetches(f"/m/{photo}/feed.jpg") for p in (sam, finn, cora, mia)}
    assert {status for status, _ in got.values()} == {200}
    bytes_of = {name: body for name, (_, body) in got.items()}
    assert len(set(bytes_of.values())) == 4
    assert bytes_of["sam"] == as_stranger
    assert kinds(bytes_of["sam"]) == set()
    assert "text" in kinds(bytes_of["finn"])
    assert not {"text.phone", "text.iban"} & kinds(bytes_of["finn"])
    assert "text.phone" in kinds(bytes_of["cora"])
    assert "text.iban" not in kinds(bytes_of["cora"])
    assert "text.iban" in kinds(bytes_of["mia"])

    # Where each of them meets it: home, explore, profile, the post itself.
    for person, path in (
        (finn, "/"),
        (cora, "/"),
        (sam, "/explore/"),
        (sam, "/u/mia/"),
    ):
        assert photo in media_ids(person.goes(path))
    assert finn.goes("/notifications/").locator("text=named you in a post").count() == 1

    # Like, comment, reply, live: mia sees the number rise without touching anything.
    mia.goes("/")
    finn.goes(post)
    finn.page.click("[data-key=l]")
    expect(finn.page.locator("[data-key=l][aria-pressed=true]")).to_be_visible()
    expect(mia.page.locator("[data-live=unread]")).not_to_be_empty(timeout=5000)
    finn.page.fill("#say-new", "Get well soon")
    finn.page.click("#comments button:has-text('Send')")
    expect(finn.page.locator("#comments")).to_contain_text("Get well soon")
    told = mia.goes("/notifications/").inner_text("main")
    assert "likes your post" in told
    assert "commented on your post" in told

    # Step 6: the demoted, the blocked and their kept addresses.
    kept = f"/m/{photo}/feed.jpg"
    page = mia.goes("/people/")
    mia.holds("cora", "Distant")
    page.wait_for_selector("[data-lane=distant] [data-username=cora]")
    assert cora.fetches(kept)[1] == bytes_of["sam"]
    page = mia.goes("/u/finn/")
    page.click("main details.menu > summary")
    mia.sends("main button:has-text('Block')")
    assert finn.fetches(kept)[0] == 404
    assert finn.fetches(post)[0] == 404
    page = mia.goes(draft)
    page.check("input[name=audience][value=only_me]")
    mia.sends("text=Set audience")
    assert sam.fetches(kept)[0] == 404
    assert mia.fetches(kept)[0] == 200

    # Step 7: gone everywhere, with a receipt.
    page = mia.goes(draft + "delete")
    page.click("main button:has-text('Delete')")
    page.wait_for_url("**/receipt/**")
    assert "deleted for good" in page.inner_text("main")
    for person in (mia, cora, sam):
        assert person.fetches(kept)[0] == 404
        assert person.fetches(post)[0] == 404


def test_a_person_takes_everything_along_and_goes(
    arrives: Arrive, letter: Path
) -> None:
    """Step 7: export in the background, then the account with its receipt."""
    olga = arrives("olga")
    olga.signs_up()
    draft = olga.uploads(letter)
    olga.waits_until_ready(draft)
    page = olga.goes("/settings/data/")
    page.click("main button:has-text('Make a zip')")
    olga.confirms_it_is_them()
    link = page.locator("a:has-text('Download')")
    expect(link).to_be_visible(timeout=90_000)
    with page.expect_download() as download:
        link.click()
    with zipfile.ZipFile(download.value.path()) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert any(name.endswith(".json") for name in names)
    assert any(name.endswith((".png", ".jpg")) for name in names)
    page = olga.goes("/settings/data/delete")
    page.fill("[name=username]", "olga")
    page.click("main button:has-text('Delete everything')")
    page.wait_for_url("**/receipt/**")
    olga.goes("/accounts/login/")
    olga.page.fill("[name=login]", "olga")
    olga.page.fill("[name=password]", "correct-horse-9-battery")
    olga.page.click("main form button[type=submit]")
    expect(olga.page.locator("main")).to_contain_text("not correct")


def test_kill_9_at_any_moment_and_the_next_start_goes_on(
    browser: object, tmp_path: Path
) -> None:
    """Step 1: what was being scanned when everything died becomes ready."""
    site = Site(tmp_path / "var")
    site.start()
    try:
        person = Person.arrives(browser, site, "zoe")  # type: ignore[arg-type]
        person.signs_up()
        file = tmp_path / "letter.jpg"
        file.write_bytes(letter_photo(seed=3))
        draft = person.uploads(file)
        person.page.wait_for_selector(".status[data-state='scanning']", timeout=90_000)
        site.kill()
        site.start()
        person.goes(draft)
        person.waits_until_ready(draft)
        person.context.close()
    finally:
        assert site.end() == 0
