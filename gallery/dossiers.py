"""What an owner is shown of their own media: labels, findings, scores, what was removed.

Regions, scores and evidence are as revealing as the pixels. Nothing of this module ever
goes into an answer for somebody else; those are made of Grants alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from uuid import UUID

from accounts.models import User
from gallery import exposure
from gallery.access import Grant, own_grants, own_media, own_media_grants
from gallery.exposure import Entry, Reach, reach
from gallery.forms import HIGH, SENSITIVE
from gallery.meters import Measured, measured
from gallery.models import Media, Post, TierView
from gallery.progress import LABELS, Progress, progress
from gallery.rows import Kind, Label, Row, removed, step_of, unchecked
from gallery.states import State
from privacy import decisions
from privacy.core.readings import Reading
from privacy.core.score import Score
from privacy.core.taxonomy import lookup
from privacy.core.types import Plan, Tier
from privacy.core.version import RENDERER_VERSION
from privacy.meters import store
from privacy.models import Finding, Scan

Judged: TypeAlias = tuple[dict[Tier, Plan], dict[Tier, Score]]


@dataclass(frozen=True, slots=True)
class Risk:
    """What a tier still gets to see, as a score of 0..100 with its step in a word."""

    tier: Tier
    score: int
    masked: int
    ready: bool
    reasons: tuple[str, ...] = ()

    @property
    def step(self) -> str:
        return step_of(self.score)


@dataclass(frozen=True, slots=True)
class Card:
    """One of the owner's media in the gallery."""

    grant: Grant
    media: Media
    labels: tuple[Label, ...]
    risks: tuple[Risk, ...]

    @property
    def state_label(self) -> str:
        return str(LABELS[State(self.media.state)])

    @property
    def veiled(self) -> bool:
        """Whether it is sensitive, so that the gallery shows it when asked to."""
        risky = self.risk is not None and self.risk.score >= HIGH[0]
        return risky or any(label.category in SENSITIVE for label in self.labels)

    @property
    def veiled_as(self) -> str:
        """The version that stands in for it: a stranger's, where there is one."""
        full = next((one for one in self.risks if one.tier is Tier.FULL), None)
        return Tier.FULL.word if full and full.ready and full.masked else ""

    @property
    def risk(self) -> Risk | None:
        """What the picture would give away unmasked: the score of the worst tier."""
        return max(self.risks, key=lambda one: one.score, default=None)


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that the owner may know of one picture."""

    grant: Grant
    media: Media
    progress: Progress
    kinds: tuple[Kind, ...]
    risks: tuple[Risk, ...]
    removed: tuple[dict[str, str], ...]
    unchecked: tuple[str, ...]
    ledger: tuple[Entry, ...] = ()
    scan: Scan | None = None
    measured: tuple[Measured, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether the scan is over, so that there is something to review."""
        return self.media.state in (State.READY, State.NEEDS_REVIEW)

    @property
    def making(self) -> bool:
        """Whether a worker is to make some tier's version: the page changes by itself.

        Where an attack got through or could not run, nothing more comes of waiting.
        """
        return (
            self.media.state == State.READY
            and not self.media.problem_code
            and not all(risk.ready for risk in self.risks)
        )

    @property
    def lacks_alt(self) -> bool:
        return not self.media.alt_text

    @property
    def removed_groups(self) -> tuple[str, ...]:
        """Of what kinds the removed metadata was, each once, in order."""
        return tuple(dict.fromkeys(item["group"] for item in self.removed))


def cards(owner: User, media: Sequence[Media]) -> list[Card]:
    """Cards for a page of own media, in five queries however many there are."""
    grants = {grant.media_id: grant for grant in own_media_grants(owner, media)}
    found = findings_of(item.public_id for item in media)
    risks = risks_of(media)
    return [
        Card(
            grant=grants[item.pk],
            media=item,
            labels=labels(found[item.public_id]),
            risks=risks[item.pk],
        )
        for item in media
        if item.pk in grants
    ]


def drafts(owner: User, posts: Iterable[Post]) -> list[dict[str, Any]]:
    """Own drafts with their pictures; one without any is there too."""
    rows = list(posts)
    grants = {grant.post_id: grant.media for grant in own_grants(owner, rows)}
    return [{"post": post, "media": grants.get(post.pk, ())} for post in rows]


def of_post(
    owner: User, post: Post, audience: str = "", only: UUID | None = None
) -> list[Dossier]:
    """Dossiers of the pictures of an own post, in their order, with their ledgers.

    Args:
        audience: for whom the ledgers count, the post's own where it is empty.
        only: public id of the one picture that is asked about.
    """
    rows = own_media(owner).filter(post=post)
    if only is not None:
        rows = rows.filter(public_id=only)
    of = reach(owner, audience or post.audience, published=bool(post.published_at))
    return of_media(owner, list(rows.order_by("position", "pk")), of)


def of_media(
    owner: User, media: Sequence[Media], of: Reach | None = None
) -> list[Dossier]:
    """Dossiers of some own media; with ``of`` they tell who sees what."""
    grants = {grant.media_id: grant for grant in own_media_grants(owner, media)}
    found = findings_of(item.public_id for item in media)
    scans = {
        scan.subject: scan
        for scan in Scan.objects.filter(
            subject__in=[item.public_id for item in media], current=True
        )
        .select_related("owner__taste")
        .prefetch_related("findings")
    }
    held = decisions.Held(decisions.live_rules())
    judged = {key: decisions.judged(scan, held) for key, scan in scans.items()}
    risks = risks_of(media)
    readings = store.readings_of(scans.values())
    made = [
        Dossier(
            grant=grants[item.pk],
            media=item,
            progress=progress(item),
            kinds=_kinds(found[item.public_id]),
            risks=_explained(risks[item.pk], judged.get(item.public_id)),
            removed=removed(item),
            unchecked=unchecked(scans.get(item.public_id)),
            scan=scans.get(item.public_id),
            measured=_measured(scans.get(item.public_id), judged, readings),
        )
        for item in media
        if item.pk in grants
    ]
    if of is None:
        return made
    return [_counted(one, judged.get(one.media.public_id), of) for one in made]


def _measured(
    scan: Scan | None,
    judged: Mapping[UUID, Judged],
    readings: Mapping[int, Mapping[str, Reading]],
) -> tuple[Measured, ...]:
    if scan is None or scan.pk not in readings:
        return ()
    return measured(judged[scan.subject][0], readings[scan.pk])


def _counted(one: Dossier, judged: Judged | None, of: Reach) -> Dossier:
    """With rows for the list, and who sees what."""
    if judged is None:
        return one
    plans, _scores = judged
    seen, kinds, number = [], [], 0
    for kind in one.kinds:
        rows = []
        for finding in kind.findings:
            number += 1
            tiers = exposure.seen_by(finding, plans)
            seen.append((finding.category, tiers))
            words = exposure.words(finding.category, tiers, of)
            rows.append(Row(finding, number, words))
        kinds.append(replace(kind, rows=tuple(rows)))
    return replace(one, kinds=tuple(kinds), ledger=exposure.ledger(seen, of))


def findings_of(subjects: Iterable[UUID]) -> defaultdict[UUID, list[Finding]]:
    """Findings of the current scans, by the public id of their picture."""
    found: defaultdict[UUID, list[Finding]] = defaultdict(list)
    rows = Finding.objects.filter(scan__subject__in=list(subjects), scan__current=True)
    for row in rows.select_related("scan").order_by("category", "y0", "x0", "pk"):
        found[row.scan.subject].append(row)
    return found


def labels(findings: Iterable[Finding]) -> tuple[Label, ...]:
    counts = Counter(finding.category for finding in findings)
    ordered = sorted(counts, key=lambda name: (-lookup(name).severity, name))
    return tuple(Label(name, counts[name]) for name in ordered)


def risks_of(media: Iterable[Media]) -> defaultdict[int, tuple[Risk, ...]]:
    """Scores per tier, by primary key, in one query."""
    found: defaultdict[int, tuple[Risk, ...]] = defaultdict(tuple)
    rows = TierView.objects.filter(media__in=[item.pk for item in media])
    for row in rows.order_by("tier"):
        ready = row.ready and row.renderer == RENDERER_VERSION
        risk = Risk(Tier(row.tier), row.risk, row.masked, ready)
        found[row.media_id] += (risk,)
    return found


def _kinds(findings: Iterable[Finding]) -> tuple[Kind, ...]:
    grouped: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        grouped[finding.category].append(finding)
    ordered = sorted(grouped, key=lambda name: (-lookup(name).severity, name))
    return tuple(Kind(name, tuple(grouped[name])) for name in ordered)


def _explained(risks: tuple[Risk, ...], judged: Judged | None) -> tuple[Risk, ...]:
    """With the three heaviest reasons of each score."""
    if judged is None:
        return risks
    _plans, scores = judged
    return tuple(
        replace(
            risk,
            score=scores[risk.tier].risk,
            reasons=tuple(one.words for one in scores[risk.tier].because[:3]),
        )
        for risk in risks
    )
