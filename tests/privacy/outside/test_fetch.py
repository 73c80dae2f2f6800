"""Fetching by address, against real HTTP servers and a resolver that lies."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from privacy.outside.fetch import Address, Fetcher, Limits, is_public
from privacy.outside.problems import Problem

HERE = ipaddress.ip_address("127.0.0.1")
INNER = ipaddress.ip_address("127.0.0.2")
"""Two servers of this machine: one stands for the public network, one for one's own."""


class Server(ThreadingHTTPServer):
    """Answers by path and notes who asked for what."""

    daemon_threads = True

    def __init__(self, host: str, port: int = 0) -> None:
        self.asked: list[tuple[str, str]] = []
        super().__init__((host, port), Handler)

    def handle_error(self, *_args: object) -> None:
        """Who fetches may hang up; that is not for the log."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.headers["Host"], self.path))
        word, _slash, rest = self.path.lstrip("/").partition("/")
        if word == "to":
            self.send_response(302)
            self.send_header("Location", rest if "://" in rest else f"/{rest}")
            self.end_headers()
            return
        if word == "none":
            self.send_error(404)
            return
        self.send_response(200)
        if word == "claims":
            self.send_header("Content-Length", "999999")
        self.end_headers()
        if word == "drips":
            for _ in range(50):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.1)
            return
        self.wfile.write(b"p" * (5000 if word == "endless" else 10))

    def log_message(self, *_args: object) -> None:
        """Quiet."""


def serving(host: str, port: int = 0) -> Iterator[Server]:
    server = Server(host, port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def outer() -> Iterator[Server]:
    yield from serving(str(HERE))


@pytest.fixture
def inner(outer: Server) -> Iterator[Server]:
    """On the same port, as a name that is bound anew would reach it."""
    yield from serving(str(INNER), outer.server_port)


def fetcher(server: Server, **limits: float) -> Fetcher:
    """Takes the outer server's address, and no other, for public."""
    return Fetcher(
        Limits(
            bytes=int(limits.get("bytes", 1000)),
            seconds=limits.get("seconds", 3.0),
            ports=frozenset({server.server_port}),
        ),
        resolve=lambda host, port: [INNER if host == "inner.example" else HERE],
        allowed=lambda address: address == HERE,
    )


def refused(fetch: Fetcher, url: str) -> tuple[int, str]:
    with pytest.raises(Problem) as caught:
        fetch.get(url)
    return caught.value.status_code, str(caught.value.get_codes())


def test_a_picture_comes_under_the_name_that_was_asked_for(outer: Server) -> None:
    url = f"http://pictures.example:{outer.server_port}/a.jpg?x=1"
    assert fetcher(outer).get(url) == b"p" * 10
    assert outer.asked == [
        (f"pictures.example:{outer.server_port}", "/a.jpg?x=1"),
    ]


def test_a_name_that_changes_its_mind_gains_nothing(
    outer: Server, inner: Server
) -> None:
    """DNS rebinding: public when it is checked, inner at every later question."""
    told: list[Address] = []

    def rebinding(host: str, port: int) -> list[Address]:
        told.append(INNER if told else HERE)
        return [told[-1]]

    fetch = fetcher(outer)
    bound = Fetcher(fetch.limits, rebinding, fetch.allowed)
    url = f"http://rebind.example:{outer.server_port}/a.jpg"
    assert bound.get(url) == b"p" * 10
    assert len(told) == 1
    assert len(outer.asked) == 1
    assert inner.asked == []
    assert refused(bound, url) == (400, "unreachable")  # and from now on it is seen
    assert inner.asked == []


def test_one_bad_address_among_good_ones_is_enough(
    outer: Server, inner: Server
) -> None:
    fetch = fetcher(outer)
    mixed = Fetcher(fetch.limits, lambda host, port: [HERE, INNER], fetch.allowed)
    url = f"http://mixed.example:{outer.server_port}/"
    assert refused(mixed, url) == (400, "unreachable")
    assert outer.asked == inner.asked == []


def test_redirects_are_checked_like_the_first_address(
    outer: Server, inner: Server
) -> None:
    port = outer.server_port
    fetch = fetcher(outer)
    base = f"http://pictures.example:{port}"
    assert fetch.get(f"{base}/to/to/a.jpg") == b"p" * 10
    to_inner = f"{base}/to/http://inner.example:{port}/secret"
    assert refused(fetch, to_inner) == (400, "unreachable")
    assert inner.asked == []
    assert refused(fetch, f"{base}/to/file:///etc/passwd") == (400, "image")
    loop = f"{base}/" + "to/" * 5
    assert refused(fetch, loop) == (422, "redirects")


def test_size_and_time_are_bounded(outer: Server) -> None:
    base = f"http://pictures.example:{outer.server_port}"
    assert refused(fetcher(outer), f"{base}/endless") == (413, "too_large")
    assert refused(fetcher(outer), f"{base}/claims") == (413, "too_large")
    assert refused(fetcher(outer), f"{base}/none") == (422, "no_picture")
    begun = time.monotonic()
    slow = fetcher(outer, seconds=0.6)
    assert refused(slow, f"{base}/drips") == (504, "slow")
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/a.jpg",
        "file:///etc/passwd",
        "gopher://example.org/",
        "http:///nowhere",
        "//example.org/a.jpg",
        "a.jpg",
        "http://user:secret@example.org/a.jpg",
        "http://example.org/a b",
        "http://example.org/\r\nHost: x",
        "http://[::1",
        "http://exämple.org/",
    ],
)
def test_what_is_no_address_of_a_picture(url: str) -> None:
    def never(host: str, port: int) -> list[Address]:
        raise AssertionError("it was looked up")

    assert refused(Fetcher(resolve=never), url) == (400, "image")


def test_other_ports_are_not_for_pictures() -> None:
    assert refused(Fetcher(), "http://example.org:22/") == (400, "unreachable")


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0",
        "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    ],
)  # fmt: skip
def test_inner_addresses_are_not_public(text: str) -> None:
    address = ipaddress.ip_address(text)
    assert not is_public(address)
    fetch = Fetcher(resolve=lambda host, port: [address])
    assert refused(fetch, "http://innocent.example/") == (400, "unreachable")


@pytest.mark.parametrize("text", ["1.1.1.1", "93.184.216.34", "2606:4700::1111"])
def test_public_addresses_are(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


def test_numbers_in_disguise_are_resolved_before_they_are_judged() -> None:
    """What the system's resolver makes of it is what is checked."""
    for host in ("2130706433", "0x7f.1", "0177.0.0.1", "localhost"):
        assert refused(Fetcher(), f"http://{host}/") == (400, "unreachable")
