"""B12: production settings check clean, and refuse to start without their secrets."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.site import ROOT

REQUIRED = ("DJANGO_SECRET_KEY", "NOPEEK_MASTER_KEY", "NOPEEK_HOSTS", "NOPEEK_URL")


def secret(size: int) -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(size)).decode()


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """What docs/deploy.md says to set."""
    return {
        **os.environ,
        "NOPEEK_ENV": "prod",
        "NOPEEK_VAR": str(tmp_path),
        "DJANGO_SECRET_KEY": secret(50),
        "NOPEEK_MASTER_KEY": secret(32),
        "NOPEEK_HOSTS": "photos.example.org",
        "NOPEEK_URL": "https://photos.example.org",
        "NOPEEK_PROXIES": "1",
        "EMAIL_URL": "smtp+tls://user:secret@mail.example.org:587",
    }


def manage(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    env.pop("PYTEST_CURRENT_TEST", None)
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_b12_production_checks_clean(env: dict[str, str]) -> None:
    done = manage(env, "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


@pytest.mark.parametrize("name", REQUIRED)
def test_b12_production_refuses_to_start_without(
    env: dict[str, str], name: str
) -> None:
    env[name] = ""
    done = manage(env, "check")
    assert done.returncode != 0
    assert f"{name} is not set" in done.stderr


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"NOPEEK_MASTER_KEY": secret(16)}, "nopeek.E001"),
        ({"NOPEEK_ACCEL_PREFIX": "/_renditions/"}, "nopeek.E006"),
        ({"NOPEEK_ACCEL_PREFIX": "_renditions", "NOPEEK_S3_BUCKET": ""}, "nopeek.E006"),
    ],
)
def test_b12_what_would_go_wrong_is_told(
    env: dict[str, str], change: dict[str, str], told: str
) -> None:
    done = manage({**env, **change}, "check", "--deploy")
    assert done.returncode != 0
    assert told in done.stderr


def test_b12_the_master_key_is_not_the_secret_key(env: dict[str, str]) -> None:
    env["DJANGO_SECRET_KEY"] = env["NOPEEK_MASTER_KEY"]
    done = manage(env, "check", "--deploy")
    assert done.returncode != 0
    assert "nopeek.E002" in done.stderr


def test_no_migration_is_missing(env: dict[str, str]) -> None:
    done = manage(env, "makemigrations", "--check", "--dry-run")
    assert done.returncode == 0, done.stdout
