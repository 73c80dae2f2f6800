"""The red-team meter: what an attacker makes of a picture before and after its masks.

Four things are tried on every masked place of a render that ``verify`` has attacked:
whose face it is, what text says, what a code says, and what is there at all. Each comes
out as so many attempts, of which so many succeed on the original and on the render.

What is known already is not tried again: the scan has read and decoded the original,
and ``verify`` has looked for things, text and codes in the render. Text is read anew
only where letters are to be seen by design (a dummy) or were seen against it.
Figures alone leave this module, never a letter that was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from privacy.core.detectors import registry
from privacy.core.detectors.codes import DECODED
from privacy.core.detectors.objects import THRESHOLD
from privacy.core.detectors.text import read_lines
from privacy.core.image import Picture, Pixels
from privacy.core.readings import Attack, Reading
from privacy.core.reidentify import Gallery, recognisable
from privacy.core.reread import by_place, read_again, recovered
from privacy.core.types import Finding, Plan, Region, Style
from privacy.core.verify import OVERLAP, Verdict

OBJECTS_SIDE = 479
"""Longer side at which objects are looked for again, as a whole and not in tiles. They
count at the scan's own threshold: at a lower one the frosted place of a screen is taken
for a screen by its surroundings, under a flat grey as often as under a veil."""

_THINGS = frozenset(
    {"face", "licence_plate", "document", "nudity", "person", "object", "place"}
)
_READS = ("text", "codes")


class Meter:
    """The attacker before one picture; what the attacks on several renders share.

    Args:
        picture: the original.
        findings: what its scan found.
        letters: how many characters were read in each finding, by id, where that is
            known from an earlier meter; else the picture is read (once, see
            ``read_lines``).
    """

    def __init__(
        self,
        picture: Picture,
        findings: Iterable[Finding],
        letters: Mapping[str, int] | None = None,
    ) -> None:
        self._picture = picture
        self._findings = {one.id: one for one in findings}
        self._letters = dict(letters) if letters is not None else None
        self._gallery: Gallery | None = None
        self._before: dict[str, bool] = {}

    @property
    def letters(self) -> dict[str, int]:
        """Characters that were read in each finding of text, by id."""
        if self._letters is None:
            texts = self._texts() if self._of("text", self._findings) else {}
            self._letters = {name: len(text) for name, text in texts.items()}
        return self._letters

    def read(self, pixels: Pixels, plan: Plan, verdict: Verdict) -> Reading:
        """Attack one render.

        Args:
            pixels: the masked master of ``plan``, of the picture's size.
            verdict: what ``verify`` or ``escalate`` said of it.
        """
        masked = {r.id: r for r in plan.regions if r.id in self._findings}
        attacks: list[Attack] = []
        unchecked = list(verdict.unchecked)
        tries: dict[str, Callable[[], list[Attack]]] = {
            "faces": lambda: self._faces(pixels, plan, masked),
            "text": lambda: self._text(pixels, masked, verdict),
            "codes": lambda: self._codes(masked, verdict),
            "things": lambda: self._things(pixels, masked, verdict),
        }
        for name, attack in tries.items():
            try:
                attacks += attack()
            except Exception:  # noqa: BLE001 - an attack that broke proves nothing
                unchecked.append(f"meter:{name}")
        tried = tuple(one for one in attacks if one.attempts)
        return Reading(tried, tuple(dict.fromkeys(unchecked)))

    def _of(self, root: str, among: Iterable[str]) -> list[Finding]:
        found = (self._findings[name] for name in among)
        return [one for one in found if one.category.partition(".")[0] == root]

    def _faces(
        self, pixels: Pixels, plan: Plan, masked: Mapping[str, Region]
    ) -> list[Attack]:
        if not self._of("face", masked):
            return []
        if self._gallery is None:
            self._gallery = Gallery(self._picture, self._findings.values())
        after = self._gallery.attacked(pixels, plan)
        new = [one.region for one in after if one.region not in self._before]
        if new:
            shown = self._gallery.attacked(
                self._picture.pixels, Plan.of(masked[name] for name in new)
            )
            self._before |= {one.region: one.clean for one in shown}
        before = sum(self._before[one.region] for one in after)
        clean, parrot = sum(o.clean for o in after), sum(o.parrot for o in after)
        return [
            Attack("faces", len(after), before, clean),
            Attack("faces_masked", len(after), before, parrot),
        ]

    def _text(
        self, pixels: Pixels, masked: Mapping[str, Region], verdict: Verdict
    ) -> list[Attack]:
        lines = self._of("text", masked)
        attempts = sum(self.letters.get(one.id, 0) for one in lines)
        seen = {s.region for s in verdict.survivors if s.attack.startswith("text")}
        open_ = [
            one
            for one in lines
            if one.id in seen or masked[one.id].treatment.style is Style.SYNTHETIC
        ]
        after = 0
        if open_ and attempts:
            wrote = self._texts()
            reads = read_again(pixels, [(one.id, masked[one.id].box) for one in open_])
            after = sum(
                recovered(wrote.get(one.id, ""), reads.get(one.id, "")) for one in open_
            )
        return [Attack("text", attempts, attempts, after)]

    def _codes(self, masked: Mapping[str, Region], verdict: Verdict) -> list[Attack]:
        codes = self._of("code", masked)
        again = {
            survivor.region
            for survivor in verdict.survivors
            if survivor.attack == "codes" and survivor.confidence >= DECODED
        }
        before = sum(one.confidence >= DECODED for one in codes)
        after = sum(one.id in again for one in codes)
        return [Attack("codes", len(codes), before, after)]

    def _things(
        self, pixels: Pixels, masked: Mapping[str, Region], verdict: Verdict
    ) -> list[Attack]:
        things = [one for root in sorted(_THINGS) for one in self._of(root, masked)]
        again = {
            survivor.region
            for survivor in verdict.survivors
            if survivor.attack.partition(":")[0] not in _READS
        }
        again |= self._objects(pixels, masked)
        after = sum(one.id in again for one in things)
        return [Attack("things", len(things), len(things), after)]

    def _objects(self, pixels: Pixels, masked: Mapping[str, Region]) -> set[str]:
        """Regions of people and objects that are found again as what they were."""
        wanted = self._of("object", masked) + self._of("person", masked)
        if not wanted:
            return set()
        whole = Picture(pixels)
        scale = min(1.0, OBJECTS_SIDE / max(whole.width, whole.height))
        size = max(1, round(whole.width * scale)), max(1, round(whole.height * scale))
        small = Picture(whole.resized(*size))
        hits = registry.get("objects").detect(small, threshold=THRESHOLD)
        return {
            one.id
            for one in wanted
            for hit in hits
            if hit.category == one.category and hit.box.iou(one.box) > OVERLAP
        }

    def _texts(self) -> dict[str, str]:
        """What each finding of text says, by id; it must not leave this process."""
        places = [(one.id, one.box) for one in self._of("text", self._findings)]
        return by_place(places, read_lines(self._picture))


def meter_ok(picture: Picture, pixels: Pixels, face: Finding) -> bool:
    """Whether a face that was replaced in ``pixels`` is nobody's from ``picture``.

    For whoever has another face drawn in its place: what this refuses must not be
    shown. True only where the attack ran and failed.

    Args:
        pixels: (h, w, 3), of the picture's size.

    Raises:
        ModelError: the attack cannot run.
    """
    return not recognisable(picture, pixels, face)


def cartoon_ok(picture: Picture, pixels: Pixels, region: Region) -> bool:
    """``meter_ok`` as the renderer asks it, of a cartoon drawn over ``region``."""
    face = Finding("face", region.box, 1.0, "plan", landmarks=region.landmarks)
    return meter_ok(picture, pixels, face)
