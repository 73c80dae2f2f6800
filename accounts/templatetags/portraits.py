"""A portrait for everyone, drawn from their public id. Nobody's photo is needed."""

from __future__ import annotations

import hashlib
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

_HUES = (18, 48, 82, 140, 178, 214, 252, 285, 322, 350)


CHOICES = 12
"""How many portraits there are for each person to choose from."""


@register.simple_tag
def portrait(person: Any, number: int | None = None) -> SafeString:
    """An SVG of a head and shoulders: tones, hair and collar follow from the id.

    ``number`` is which of the person's own portraits; the one they chose without it.
    """
    which = getattr(person, "portrait", 0) if number is None else number
    seed = f"{person.public_id}.{which}" if which else str(person.public_id)
    dice = hashlib.sha256(seed.encode()).digest()
    ground = _HUES[dice[0] % len(_HUES)]
    cloth = _HUES[(dice[0] + 3 + dice[1] % 4) % len(_HUES)]
    skin = ("#f2d3bd", "#e6b899", "#c98f6b", "#9c6644", "#6f4630")[dice[2] % 5]
    hair = ("#2b211c", "#5a3b28", "#8a5a34", "#c79a5b", "#8d8a86", "#3a3040")[
        dice[3] % 6
    ]
    crown = (
        "M12 18c0-8 4-11 8-11s8 3 8 11c-2-4-4-5-8-5s-6 1-8 5Z",
        "M11.500 21c-1-10 4-14 8.500-14s9.500 4 8.500 14c-1-3-1-6-3-8-3 2-8 2-11 1-2 2-2 4-3 7Z",
        "M12 17c1-7 4-9 8-9 5 0 8 3 8 9-3-1-5-3-6-5-2 3-6 5-10 5Z",
        "M11 27c-2-12 3-20 9-20s11 8 9 20l-3-1c1-6 0-10-2-12-3 1-6 1-8 0-2 2-3 6-2 12Z",
    )[dice[4] % 4]
    return format_html(
        '<svg viewBox="0 0 40 40" aria-hidden="true" focusable="false">'
        '<rect width="40" height="40" fill="hsl({} 42% 78%)"/>'
        '<path d="M6 42c0-9 6-13 14-13s14 4 14 13Z" fill="hsl({} 34% 42%)"/>'
        '<path d="M16.500 24h7v6a3.500 3.500 0 0 1-7 0Z" fill="{}"/>'
        '<ellipse cx="20" cy="19" rx="7.500" ry="8.800" fill="{}"/>'
        '<path d="{}" fill="{}"/></svg>',
        ground,
        cloth,
        skin,
        skin,
        crown,
        hair,
    )
