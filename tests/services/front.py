"""nginx as deploy/nginx.conf has it, with a cache in front, and browsers for people."""

from __future__ import annotations

import datetime as dt
import getpass
import shutil
import ssl
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.test import Client

from accounts.models import User
from tests.services.site import ROOT, free_port

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
HOST = "photos.example.org"
PIXELS = ("thumb", "feed", "full")

FRONT = """
    # Somebody's cache in front, with the rules that nginx has by itself.
    proxy_cache_path {cache} keys_zone=front:1m;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/cert.pem;
        ssl_certificate_key {folder}/key.pem;
        location / {{
            proxy_pass https://127.0.0.1:{behind};
            proxy_set_header Host $host;
            proxy_cache front;
            proxy_cache_valid any 10m;
        }}
    }}
"""


@dataclass
class Front:
    """A running nginx with the site behind it."""

    folder: Path
    port: int
    cached: int
    trust: ssl.SSLContext
    var: Path

    def asks(self, user: User | None = None, *, cache: bool = False) -> httpx.Client:
        """A browser of this person, through the cache or without."""
        client = httpx.Client(
            base_url=f"https://127.0.0.1:{self.cached if cache else self.port}",
            headers={"Host": HOST},
            verify=self.trust,
            timeout=30,
        )
        if user is not None:
            login = Client()
            login.force_login(user)
            session = login.cookies[settings.SESSION_COOKIE_NAME].value
            client.headers["Cookie"] = f"__Host-session={session}"
        return client

    def stored(self) -> list[bytes]:
        """Everything that the cache keeps."""
        return [
            p.read_bytes() for p in (self.folder / "cache").rglob("*") if p.is_file()
        ]


def certificate(folder: Path) -> ssl.SSLContext:
    """A key and a self-signed certificate; returns who trusts it alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    trust = ssl.create_default_context(cafile=str(folder / "cert.pem"))
    trust.check_hostname = False
    return trust


def configuration(
    folder: Path, renditions: Path, web: int, port: int, cached: int
) -> str:
    """deploy/nginx.conf with the paths and ports of this test, and a cache in front.

    Every change has to find its place: what is tested is the file that is shipped.
    """
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    plain = free_port()
    changes = {
        "user nopeek;": f"user {getpass.getuser()};\ndaemon off;",
        "worker_processes auto;": "worker_processes 1;",
        "pid /run/nginx.pid;": f"pid {folder}/nginx.pid;",
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{web};",
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "/etc/nopeek/tls/fullchain.pem": f"{folder}/cert.pem",
        "/etc/nopeek/tls/privkey.pem": f"{folder}/key.pem",
        "/srv/nopeek/var/private/renditions/": f"{renditions}/",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "    # No proxy_cache anywhere": "".join(
            f"    {kind}_temp_path {folder}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + FRONT.format(cache=folder / "cache", port=cached, folder=folder, behind=port)
        + "\n    # No proxy_cache anywhere",
    }
    for old, new in changes.items():
        assert text.count(old) >= 1, old
        text = text.replace(old, new)
    return text
