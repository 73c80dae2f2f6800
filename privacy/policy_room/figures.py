"""The figures of a replay as a page tells them: sentences first, then bars and a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from privacy.core.taxonomy import lookup
from privacy.core.whatif import Tally
from privacy.policy_room.matrix import TIERS
from privacy.policy_room.models import Replay


@dataclass(frozen=True, slots=True)
class Line:
    """One tier: posts and people, by when and which way."""

    who: str | Promise
    less: int
    more: int
    look: int
    asked: int
    less_people: int
    less_everyone: bool
    asked_people: int
    asked_everyone: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """One category: how many regions close at once, and how many could open."""

    words: str
    less: int
    more: int
    less_width: int  # 0..100
    more_width: int


def figures(row: Replay) -> dict[str, Any]:
    """For ``policy/_whatif.html``; of a replay that runs, as far as it has come."""
    now, asked = Tally.from_json(row.at_once), Tally.from_json(row.if_asked)
    posts = {key: len(found) for key, found in row.posts.items()}
    share = 100 * now.replayed // row.total if row.total else 100
    return {
        "replayed": now.replayed,
        "share": 100 if row.state == "done" else min(99, share),
        "posts": posts.get("all", 0),
        "less": posts.get("now.less", 0),
        "more": posts.get("now.more", 0),
        "asked": posts.get("asked.more", 0),
        "lines": [_line(row, posts, tier.word, who) for tier, who in TIERS],
        "bars": _bars(now, asked),
        "seconds": round(row.seconds, 1),
    }


def _line(row: Replay, posts: dict[str, int], tier: str, who: str | Promise) -> Line:
    people = row.people if row.state == "done" else {}
    return Line(
        who,
        posts.get(f"now.less.{tier}", 0),
        posts.get(f"now.more.{tier}", 0),
        posts.get(f"now.look.{tier}", 0),
        posts.get(f"asked.more.{tier}", 0),
        people.get(f"now.less.{tier}", 0),
        bool(people.get(f"now.less.{tier}.everyone")),
        people.get(f"asked.more.{tier}", 0),
        bool(people.get(f"asked.more.{tier}.everyone")),
    )


def _bars(now: Tally, asked: Tally) -> list[Bar]:
    less: dict[str, int] = {}
    more: dict[str, int] = {}
    for tally in (now, asked):
        for (_tier, way, name), count in tally.regions.items():
            into = less if way == "less" else more
            into[name] = into.get(name, 0) + count
    most = max([*less.values(), *more.values()], default=1)
    names = sorted({*less, *more}, key=lambda n: -(less.get(n, 0) + more.get(n, 0)))
    return [
        Bar(
            lookup(name).many,
            less.get(name, 0),
            more.get(name, 0),
            100 * less.get(name, 0) // most,
            100 * more.get(name, 0) // most,
        )
        for name in names[:12]
    ]
