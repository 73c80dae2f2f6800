"""HEAVY: stage 6 for a Media: attack every tier's render, then publish or refuse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from gallery import renditions, replan, sealing
from gallery.models import Media, TierView
from gallery.moves import Claim, Superseded
from gallery.work import Work
from privacy import decisions, scanning
from privacy.core.api import Protected, protect
from privacy.core.render import placeholder
from privacy.core.taxonomy import lookup
from privacy.core.types import Plan, Tier
from privacy.core.version import RENDERER_VERSION
from privacy.models import Scan

_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Checked:
    """What the attacks on the renders of some tiers came to.

    Attributes:
        plans: of the tiers that were attacked; others are published already.
        placeholders: by digest of the plan.
        survivors: of the tiers where something survived.
        unchecked: names of attacks that could not run.
    """

    media: Media
    plans: dict[Tier, Plan]
    placeholders: dict[str, str]
    survivors: dict[Tier, list[dict[str, Any]]]
    unchecked: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Nothing survived and every attack ran."""
        return not self.survivors and not self.unchecked

    @property
    def code(self) -> str:
        """The problem for machines; empty where there is none."""
        if self.clean:
            return ""
        return "survivors" if self.survivors else "unchecked"

    @property
    def problem(self) -> str:
        """For the owner: what is left to be seen, or which attack could not run."""
        if self.clean:
            return ""
        if self.survivors:
            names = {
                lookup(one["category"]).one
                for found in self.survivors.values()
                for one in found
            }
            return _(
                "Something can still be made out under a mask: %(what)s. Make the "
                "region larger or keep the photo to yourself."
            ) % {"what": ", ".join(sorted(names))}
        return _(
            "The masks could not be tested: %(names)s. Nobody but you sees this photo "
            "until they have been; try again later."
        ) % {"names": ", ".join(self.unchecked)}

    def remember(self) -> None:
        """Keep what survived, for the owner."""
        for tier, found in self.survivors.items():
            TierView.objects.filter(media=self.media, tier=int(tier)).update(
                survivors=found, ready=False
            )


def checked(work: Work, claim: Claim) -> Checked:
    """Attack the render of every tier that is not published; store what withstands.

    A region that had to grow is written back to the findings, under the claim, and
    the plans are made anew, until what is attacked is what the plans say.

    Raises:
        Superseded: the owner or another worker changed something meanwhile.
    """
    for _round in range(_ROUNDS):
        scan = _scan(work.media)
        _settle(work.media, claim, scan)
        plans = _waiting(work.media, decisions.plans_for(scan))
        tried = _attack(work, scan, plans) if plans else {}
        if not claim.beat():
            raise Superseded("changed while it was checked")
        if all(tried[tier].plan == plan for tier, plan in plans.items()):
            break
        _grow(claim, scan, plans, tried)
    else:
        raise RuntimeError("the regions do not settle")
    result = _result(work.media, plans, tried)
    if result.clean:
        for tier, plan in plans.items():
            work.scratch.tried[plan.digest] = tried[tier]
            if not renditions.is_complete(work.media, plan.digest):
                files = work.files(plan, tried[tier].pixels)
                renditions.ensure(work.media, plan.digest, files)
    opened = frozenset(Tier) if result.clean else frozenset(Tier) - set(plans)
    sealing.ensure(work, decisions.plans_for(scan), opened)
    return result


def publish(media: Media, result: Checked) -> None:
    """Open each tier, if its plan is still the one that was checked.

    Call it in the transaction that moves the Media.

    Raises:
        Superseded: a plan has changed; the transaction must not commit.
    """
    for tier, plan in result.plans.items():
        opened = TierView.objects.filter(
            media=media, tier=int(tier), plan=plan.digest, renderer=RENDERER_VERSION
        ).update(ready=True, placeholder=result.placeholders[plan.digest], survivors=[])
        if not opened:
            raise Superseded("the plan has changed")


def _waiting(media: Media, plans: dict[Tier, Plan]) -> dict[Tier, Plan]:
    """The plans of the tiers that see nothing yet."""
    ready = {
        (view.tier, view.plan)
        for view in TierView.objects.filter(
            media=media, ready=True, renderer=RENDERER_VERSION
        )
    }
    return {
        tier: plan
        for tier, plan in plans.items()
        if (int(tier), plan.digest) not in ready
    }


def _attack(work: Work, scan: Scan, plans: dict[Tier, Plan]) -> dict[Tier, Protected]:
    findings, choices = decisions.findings_of(scan)
    return protect(
        work.picture,
        findings,
        decisions.rules_for(scan),
        bytes(work.media.mask_secret),
        tiers=tuple(plans),
        choices=choices,
        art=work.art(choice.art for choice in choices.values()),
    )


def _settle(media: Media, claim: Claim, scan: Scan) -> None:
    """Have the tiers' rows say what the findings and the live rules come to.

    They do already, but for a new renderer and for rules that were published while
    the Media was on its way here.
    """
    with transaction.atomic():
        _hold(claim)
        replan.set_views(media, scan)


def _grow(
    claim: Claim, scan: Scan, plans: dict[Tier, Plan], tried: dict[Tier, Protected]
) -> None:
    with transaction.atomic():
        _hold(claim)
        for tier, plan in plans.items():
            scanning.harden(scan, plan, tried[tier].plan)


def _hold(claim: Claim) -> None:
    if not claim.rows.select_for_update().exists():
        raise Superseded("changed while it was checked")


def _result(
    media: Media, plans: dict[Tier, Plan], tried: dict[Tier, Protected]
) -> Checked:
    survivors: dict[Tier, list[dict[str, Any]]] = {}
    unchecked: set[str] = set()
    for tier, one in tried.items():
        if one.verdict is None:
            raise RuntimeError("nothing is published without an attack")
        unchecked |= set(one.verdict.unchecked)
        if one.verdict.survivors:
            survivors[tier] = [found.as_json() for found in one.verdict.survivors]
    shown = {
        plan.digest: placeholder(tried[tier].pixels) for tier, plan in plans.items()
    }
    return Checked(media, plans, shown, survivors, tuple(sorted(unchecked)))


def _scan(media: Media) -> Scan:
    scan = decisions.current_scan(media.public_id)
    if scan is None or not scan.complete:
        raise Superseded("the scan is gone")
    return scan
