"""C7 and C8: nothing is set up that would show one person's answer to another."""

from __future__ import annotations

import re
from pathlib import Path

import django
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("accounts", "gallery", "feeds", "privacy", "nopeek_site")


def sources(*endings: str) -> list[Path]:
    folders = [ROOT / name for name in (*APPS, "templates")]
    return [
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in endings and "core" not in path.parts
    ]


def test_c7_no_page_cache_anywhere() -> None:
    cached = [name for name in settings.MIDDLEWARE if "Cache" in name]
    assert cached == []
    words = re.compile(
        r"\bcache_page\b|\bcache_control\b|\bUpdateCacheMiddleware\b|cached_session"
    )
    code = [path for path in sources(".py") if words.search(path.read_text())]
    assert [path.name for path in code] == ["checks.py"]  # which looks for it
    tags = [path for path in sources(".html") if "{% cache" in path.read_text()]
    assert tags == []


def test_c7_private_storages_have_no_public_address() -> None:
    assert not settings.MEDIA_URL.strip("/")
    for name in ("originals", "renditions", "exports"):
        options = settings.STORAGES[name]["OPTIONS"]
        assert not options.get("base_url")
        assert not options.get("custom_domain")
        assert options.get("default_acl") is None


def test_c7_django_is_past_the_cache_advisories() -> None:
    fixed = {(5, 2): 19, (6, 0): 10, (6, 1): 3}
    major, minor, micro = django.VERSION[:3]
    assert micro >= fixed[major, minor]


def test_c7_pages_are_private_by_default() -> None:
    assert "nopeek_site.middleware.PrivateByDefault" in settings.MIDDLEWARE
    assert settings.X_FRAME_OPTIONS == "DENY"
    assert settings.SESSION_COOKIE_HTTPONLY


def test_c8_no_decision_about_who_sees_what_is_kept() -> None:
    """The cache is used for rate limits and progress alone; never by the door."""
    users = {
        path.relative_to(ROOT).as_posix()
        for path in sources(".py")
        if "django.core.cache" in path.read_text()
    }
    door = {"gallery/access.py", "gallery/grants.py", "gallery/delivery.py"}
    door |= {"accounts/relations.py", "feeds/timeline.py", "privacy/decisions.py"}
    assert users & door == set()
    kept = re.compile(r"@(functools\.)?(lru_)?cache\b|cached_property")
    for name in door - {"privacy/decisions.py"}:  # keeps immutable rule sets
        assert not kept.search((ROOT / name).read_text()), name
