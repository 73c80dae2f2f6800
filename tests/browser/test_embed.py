"""<nopeek-protect> in the upload form of another site, in a real browser."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.conftest import letter_photo
from tests.browser.site import ROOT, Site, free_port

pytestmark = pytest.mark.browser


class Shop(ThreadingHTTPServer):
    """Another site: a page with an upload form, and what was posted to it."""

    daemon_threads = True

    def __init__(self) -> None:
        self.posted: list[bytes] = []
        self.page = ""
        super().__init__(("127.0.0.1", free_port()), _Handler)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        self._say(self.server.page)

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.posted.append(self.rfile.read(length))
        self._say("thanks")

    def _say(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    server = Shop()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


@pytest.fixture(scope="module")
def nopeek(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that names the shop, and one more that it does not name, in its CORS."""
    served = Site(tmp_path_factory.mktemp("embed"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NOPEEK_EMBED_ORIGINS", shop.origin)
        served.start()
    yield served
    assert served.end() == 0


@pytest.fixture(scope="module")
def key(nopeek: Site, shop: Shop) -> str:
    """A key for the shop's page alone."""
    made = (
        "from accounts.models import User; from privacy.outside import keys; "
        "u = User.objects.create_user('shop', 'shop@example.org', 'x' * 20); "
        f"print('key:' + keys.issue(u.pk, 'shop', origin={shop.origin!r})[1])"
    )
    environment = os.environ | {"NOPEEK_ENV": "dev", "NOPEEK_VAR": str(nopeek.var)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", made],
        cwd=ROOT, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    found = re.search(r"key:(\S+)", done.stdout)
    assert found is not None
    return found[1]


def opened(browser: Browser, shop: Shop, nopeek: Site, key: str) -> Page:
    shop.page = f"""<!doctype html><title>Shop</title>
      <script type="module" src="{nopeek.url}/static/embed/nopeek-protect.js"></script>
      <script>
        seen = [];
        addEventListener("change", (e) => seen.push([...e.target.files].map((f) => f.size)));
        addEventListener("nopeek-done", (e) => {{ done = e.detail; }});
        addEventListener("nopeek-failed", (e) => {{ failed = e.detail; }});
      </script>
      <form method="post" enctype="multipart/form-data" action="/upload">
        <nopeek-protect endpoint="{nopeek.url}" key="{key}">
          <input type="file" name="photo" accept="image/*">
        </nopeek-protect><button>Send</button>
      </form>"""
    page = browser.new_context().new_page()
    page.goto(shop.origin)
    page.wait_for_function("customElements.get('nopeek-protect') !== undefined")
    return page


def test_the_other_site_gets_the_protected_picture_alone(
    browser: Browser, shop: Shop, nopeek: Site, key: str, letter: Path
) -> None:
    page = opened(browser, shop, nopeek, key)
    page.set_input_files("input", str(letter))
    page.click("button")  # too early: nothing goes out
    page.wait_for_function("window.done || window.failed", timeout=90_000)
    assert page.evaluate("window.failed") is None
    assert shop.posted == []
    assert page.evaluate("done.masked") > 0
    size = len(letter.read_bytes())
    assert size not in [one for seen in page.evaluate("seen") for one in seen]
    assert "Hidden parts" in page.inner_text("[role=status]")
    page.click("button")
    page.wait_for_selector("text=thanks")
    body = shop.posted[-1]
    assert b'filename="letter.jpg"' in body
    assert b"Songbird" not in body  # the camera's name
    start = body.index(b"\xff\xd8")
    with Image.open(io.BytesIO(body[start:])) as image:
        got = np.asarray(image.convert("RGB")).astype(int)
    was = np.asarray(Image.open(io.BytesIO(letter_photo())).convert("RGB")).astype(int)
    line = slice(330, 376), slice(275, 700)  # the telephone number
    assert got.shape == was.shape
    assert was[line].min() < 60
    assert got[line].min() > was[line].min() + 40


def test_without_a_key_the_file_is_taken_out(
    browser: Browser, shop: Shop, nopeek: Site, letter: Path
) -> None:
    before = len(shop.posted)
    page = opened(browser, shop, nopeek, "npk_wrong")
    page.set_input_files("input", str(letter))
    page.wait_for_function("window.failed", timeout=30_000)
    assert "does not hold" in page.evaluate("failed.message")
    assert page.evaluate("document.querySelector('input').files.length") == 0
    page.click("button")
    page.wait_for_selector("text=thanks")
    assert letter.read_bytes()[-200:] not in shop.posted[before]


def test_a_page_that_is_not_named_gets_nothing(
    browser: Browser, shop: Shop, nopeek: Site, key: str, letter: Path
) -> None:
    other = Shop()
    threading.Thread(target=other.serve_forever, daemon=True).start()
    page = opened(browser, other, nopeek, key)
    page.set_input_files("input", str(letter))
    page.wait_for_function("window.failed", timeout=30_000)
    assert page.evaluate("document.querySelector('input').files.length") == 0
    other.shutdown()
