"""The one module that reads the environment. Every variable stands in .env.example."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(ROOT / ".env")

VAR = Path(env.str("NOPEEK_VAR", default=str(ROOT / "var"))).resolve()
"""Where everything that NoPeek writes in embedded mode lives."""

for _name in ("incoming", "queue/messages", "queue/control", "private", "mail"):
    (VAR / _name).mkdir(parents=True, exist_ok=True, mode=0o700)


def kept_secret(variable: str, name: str, size: int = 32) -> bytes:
    """A secret of ``size`` bytes: from the environment, else made once and kept.

    The embedded mode has to start without configuration, so a missing secret is made
    and stored under ``var/keys`` for the owner of the process alone. Production
    settings refuse to start without the variable.
    """
    if given := env.str(variable, default=""):
        return base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
    path = VAR / "keys" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass  # another process of the same start was faster
        else:
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(size))
    return path.read_bytes()
