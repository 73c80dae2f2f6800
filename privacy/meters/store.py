"""LIGHT: the meter's readings by scan and plan, as the core has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from privacy.core.readings import Reading
from privacy.meters import models
from privacy.models import Scan


def readings_of(scans: Iterable[Scan]) -> dict[int, dict[str, Reading]]:
    """Readings by plan, by primary key of the scan; one query."""
    found: defaultdict[int, dict[str, Reading]] = defaultdict(dict)
    for row in models.Reading.objects.filter(scan__in=[scan.pk for scan in scans]):
        shape = {"attacks": row.attacks, "unchecked": row.unchecked}
        found[row.scan_id][row.plan] = Reading.from_json(shape)
    return found


def letters_of(scan: Scan) -> dict[str, int] | None:
    """How many characters were read in each region; None where nobody has counted."""
    rows = models.Reading.objects.filter(scan=scan).order_by("-pk")
    found = rows.values_list("letters", flat=True).first()
    return None if found is None else {str(k): int(v) for k, v in found.items()}


def keep(scan: Scan, plan: str, reading: Reading, letters: Mapping[str, int]) -> None:
    """Store a reading; a newer one of the same plan replaces it."""
    models.Reading.objects.update_or_create(
        scan=scan,
        plan=plan,
        defaults={**reading.as_json(), "letters": dict(letters)},
    )
