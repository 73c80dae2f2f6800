"""LIGHT: the meter's figures in words, for the owner of a picture alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from gallery.own import own_media
from privacy import decisions
from privacy.core.readings import Attack, Reading
from privacy.core.types import Plan, Tier
from privacy.meters import store
from privacy.models import Scan


@dataclass(frozen=True, slots=True)
class Measured:
    """What attacks on one tier's version got, before and after the masks.

    ``courtesy``: some mask of the version is made from what it covers, and promises
    nothing (docs/masking.md).
    """

    tier: Tier
    reading: Reading
    courtesy: bool = False

    @property
    def word(self) -> str:
        return self.tier.word

    @property
    def attacks(self) -> tuple[Attack, ...]:
        """One for each thing that was attacked; of two attackers of faces the better."""
        by_kind = {one.kind: one for one in self.reading.attacks}
        parrot = by_kind.pop("faces_masked", None)
        if parrot is not None and parrot.after > by_kind["faces"].after:
            by_kind["faces"] = Attack(
                "faces", parrot.attempts, parrot.before, parrot.after
            )
        return tuple(by_kind.values())

    @property
    def lines(self) -> tuple[str, ...]:
        """``faces recognised 3 → 0``, one for each thing that was attacked."""
        words = {
            "faces": _("faces recognised %(before)d → %(after)d"),
            "text": _("characters read %(before)d → %(after)d"),
            "codes": _("codes read %(before)d → %(after)d"),
            "things": _("things found %(before)d → %(after)d"),
        }
        return tuple(
            words[one.kind] % {"before": one.before, "after": one.after}
            for one in self.attacks
        )

    @property
    def warning(self) -> str:
        """What got through, and what to do; empty where nothing did."""
        if self.reading.unchecked:
            return _("Not every attack could be tried: these figures are not all.")
        through = {one.kind for one in self.attacks if one.after}
        if "faces" in through and self.courtesy:
            return _(
                "A face is recognised under a soft mask: choose a veil, a fill or an "
                "avatar."
            )
        if through & {"faces", "text", "codes"}:
            return _(
                "Something got through a mask: make its region larger, or choose a fill."
            )
        if "things" in through:
            return _(
                "What lies around a mask lets one guess what is under it. Make the "
                "region larger if that matters."
            )
        return ""


def measured(
    plans: Mapping[Tier, Plan], readings: Mapping[str, Reading]
) -> tuple[Measured, ...]:
    """The readings that there are, by tier; of versions that hide something alone."""
    return tuple(
        Measured(
            tier,
            readings[plan.digest],
            any(not region.treatment.zero_bit for region in plan.regions),
        )
        for tier, plan in plans.items()
        if plan.regions and plan.digest in readings
    )


def of_own(owner: User, photos: Iterable[UUID]) -> dict[UUID, tuple[Measured, ...]]:
    """Readings of the owner's own pictures, by public id; of others' there are none."""
    media = own_media(owner).filter(public_id__in=list(photos))
    scans = Scan.objects.filter(
        subject__in=media.values_list("public_id", flat=True), current=True
    ).prefetch_related("findings")
    found = list(scans)
    held = decisions.Held(decisions.live_rules())
    readings = store.readings_of(found)
    return {
        scan.subject: measured(decisions.judged(scan, held)[0], readings[scan.pk])
        for scan in found
        if scan.pk in readings
    }
