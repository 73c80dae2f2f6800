"""LIGHT: fetches a picture by its address, and nothing from within the own network.

An address is resolved once. Every answer has to be public unicast, and the connection
goes to the very address that was checked, so a name that changes its mind between the
check and the connection (DNS rebinding) gains nothing. Redirects start anew. Size and
time are bounded, no cookie and no credential is ever sent, and what the bytes are is
left to the sandbox.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

from privacy.outside.problems import Problem

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_MOVED = (301, 302, 303, 307, 308)
_CHUNK = 1 << 16
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Whether an address is public unicast, whatever it is wrapped in."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address.teredo is not None:
            inner = address.teredo[1]
        if address in _NAT64:
            inner = ipaddress.IPv4Address(address.packed[-4:])
        if inner is not None and not is_public(inner):
            return False
        if address.is_site_local or address.scope_id:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def resolve(host: str, port: int) -> list[Address]:
    """Every address that the name has.

    Raises:
        OSError: it has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(str(entry[4][0])) for entry in found]


@dataclass(frozen=True, slots=True)
class Limits:
    """``bytes`` of the file, ``seconds`` in all, redirects, and ports."""

    bytes: int = 40 << 20
    seconds: float = 10.0
    redirects: int = 3
    ports: frozenset[int] = frozenset({80, 443})


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches by URL within limits; ``resolve`` and ``allowed`` are the two gates."""

    limits: Limits = field(default_factory=Limits)
    resolve: Callable[[str, int], list[Address]] = resolve
    allowed: Callable[[Address], bool] = is_public
    clock: Callable[[], float] = time.monotonic

    def get(self, url: str) -> bytes:
        """The bytes at an address.

        Raises:
            Problem: 400, it may not or cannot be fetched; 413, too large; 422, what
                answered was no file; 504, too slow. The words are the same for what is
                forbidden and what does not answer: a caller learns nothing of the
                network here.
        """
        end = self.clock() + self.limits.seconds
        for _hop in range(self.limits.redirects + 1):
            parts, port = self._parsed(url)
            target = self._checked(parts, port)
            try:
                moved, data = self._ask(parts, port, target, end)
            except TimeoutError as error:
                raise Problem(504, "slow", "The address answers too slowly.") from error
            except (OSError, http.client.HTTPException) as error:
                raise _unreachable() from error
            if not moved:
                return data
            url = urljoin(url, moved)
        raise Problem(422, "redirects", "The address redirects too often.")

    def _parsed(self, url: str) -> tuple[SplitResult, int]:
        try:
            parts = urlsplit(url.strip())
            port = parts.port or (443 if parts.scheme == "https" else 80)
            fine = parts.scheme in ("http", "https") and bool(parts.hostname)
            url.strip().encode("ascii")
        except ValueError as error:
            raise _bad() from error
        if not fine or parts.username is not None or any(c <= " " for c in url.strip()):
            raise _bad()
        if port not in self.limits.ports:
            raise _unreachable()
        return parts, port

    def _checked(self, parts: SplitResult, port: int) -> Address:
        """The one address to connect to; all of the name's have to be allowed."""
        try:
            found = self.resolve(str(parts.hostname), port)
        except (OSError, ValueError, UnicodeError) as error:
            raise _unreachable() from error
        if not found or not all(self.allowed(address) for address in found):
            raise _unreachable()
        return found[0]

    def _ask(
        self, parts: SplitResult, port: int, target: Address, end: float
    ) -> tuple[str, bytes]:
        """Where it moved to, or its bytes."""
        connection = _Pinned(parts, port, target, self._left(end))
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(
                "GET",
                path,
                headers={
                    "Accept": "image/*",
                    "User-Agent": "NoPeek",
                    "Connection": "close",
                },
            )
            connection.patience(self._left(end))
            answer = connection.getresponse()
            if answer.status in _MOVED and answer.headers.get("Location"):
                return answer.headers["Location"], b""
            if answer.status != 200:
                said = "There is no picture at this address."
                raise Problem(422, "no_picture", said)
            if int(answer.headers.get("Content-Length") or 0) > self.limits.bytes:
                raise _large(self.limits.bytes)
            return "", self._body(connection, answer, end)
        except ValueError as error:
            raise _unreachable() from error
        finally:
            connection.close()

    def _body(
        self, connection: _Pinned, answer: http.client.HTTPResponse, end: float
    ) -> bytes:
        data = bytearray()
        while True:
            connection.patience(self._left(end))
            part = answer.read1(_CHUNK)
            if not part:
                return bytes(data)
            data += part
            if len(data) > self.limits.bytes:
                raise _large(self.limits.bytes)

    def _left(self, end: float) -> float:
        left = end - self.clock()
        if left <= 0:
            raise TimeoutError
        return left


class _Pinned(http.client.HTTPConnection):
    """A connection to one checked address, under the name that was asked for."""

    def __init__(
        self, parts: SplitResult, port: int, target: Address, seconds: float
    ) -> None:
        super().__init__(str(parts.hostname), port, timeout=seconds)
        self._target = str(target)
        self._secure = parts.scheme == "https"
        self.default_port = 443 if self._secure else 80

    def connect(self) -> None:
        made = socket.create_connection((self._target, self.port), self.timeout)
        if self._secure:
            context = ssl.create_default_context()
            made = context.wrap_socket(made, server_hostname=self.host)
        self.sock = made

    def patience(self, seconds: float) -> None:
        """What is left of the time, for the next wait."""
        if self.sock is not None:
            self.sock.settimeout(seconds)


def _bad() -> Problem:
    return Problem(400, "image", "Send a file, or the http(s) address of a picture.")


def _unreachable() -> Problem:
    return Problem(400, "unreachable", "This address cannot be fetched from here.")


def _large(most: int) -> Problem:
    said = f"The picture is too large: at most {most >> 20} MiB."
    return Problem(413, "too_large", said)
