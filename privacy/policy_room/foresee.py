"""What other rules come to for what is stored: the one loop that predicts and applies.

A replay runs it to count, and publishing runs it to act, so that what was predicted is
what is done. It reads findings and geometry; no picture and no model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from privacy import decisions
from privacy.core.whatif import Change, compare
from privacy.models import Scan

CHUNK = 250


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of a picture's post, without the post.

    Attributes:
        post: primary key, to count posts by.
        audience: whom the post lets in, in the gallery's words.
        published: whether others may see it at all.
    """

    post: int
    owner_id: int
    audience: str
    published: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What new rules come to for one picture.

    Attributes:
        at_once: what changes when they are applied.
        if_asked: what its owner would open on top by agreeing to them.
    """

    scan: Scan
    fact: Fact
    at_once: tuple[Change, ...]
    if_asked: tuple[Change, ...]


def facts_of(subjects: Iterable[UUID]) -> Mapping[UUID, Fact]:
    """Of those pictures that have plans; asked of ``settings.NOPEEK_POSTS``."""
    ask: Callable[[list[UUID]], Mapping[UUID, Fact]] = import_string(
        settings.NOPEEK_POSTS
    )
    return ask(list(subjects))


def chunks(after: int = 0, size: int = CHUNK) -> Iterator[list[Scan]]:
    """Current scans with their findings, from primary key ``after`` on."""
    while True:
        rows = Scan.objects.filter(current=True, pk__gt=after).order_by("pk")
        found = list(rows.prefetch_related("findings")[:size])
        if not found:
            return
        yield found
        after = found[-1].pk


def outcomes(
    scans: Iterable[Scan], old: decisions.Held, new: decisions.Held
) -> Iterator[Outcome]:
    """For each picture that has plans, in order.

    What nobody has seen yet follows the new rules both ways: its owner sees what it
    comes to before it is posted.
    """
    rows = list(scans)
    facts = facts_of(row.subject for row in rows)
    for scan in rows:
        fact = facts.get(scan.subject)
        if fact is None:
            continue
        findings, choices = decisions.findings_of(scan)
        owner = scan.owner_id
        free = new.of(None, owner, scan.subject)
        now = new.of(scan.floor_id, owner, scan.subject) if fact.published else free
        yield Outcome(
            scan,
            fact,
            compare(findings, old.of(scan.floor_id, owner, scan.subject), now, choices),
            compare(findings, now, free, choices) if fact.published else (),
        )
