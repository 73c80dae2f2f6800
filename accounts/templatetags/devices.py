"""A browser's own description of itself, in the two words that a person looks for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django import template
from django.utils.translation import gettext as _

register = template.Library()

# In this order: later ones call themselves by the names of earlier ones as well.
_BROWSERS = (
    (r"Edg(?:e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/|Chromium/", "Chrome"),
    (r"Safari/", "Safari"),
)
_SYSTEMS = (
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"CrOS", "ChromeOS"),
    (r"Linux", "Linux"),
)
_PHONES = ("iPhone", "Android")


@dataclass(frozen=True, slots=True)
class Device:
    """``system`` is empty where it could not be told."""

    browser: str
    system: str
    phone: bool


@register.simple_tag
def device(user_agent: str) -> Device:
    """What kind of browser wrote this header. Anybody can write anything into it."""
    browser = _first(_BROWSERS, user_agent) or _("A program")
    system = _first(_SYSTEMS, user_agent)
    return Device(browser, system, system in _PHONES)


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for pattern, name in known if re.search(pattern, text)), "")
