"""Faces of one library into people: average linkage with a threshold and a doubt.

The rows are those of ``embed.embed``: of length 1, so that a product is a similarity.
Two groups are joined while the mean similarity of their pairs is at least ``least``,
the most similar ones first (Murtagh and Contreras, "Algorithms for hierarchical
clustering", 2012). Three things are never joined: two people that are known to be two,
faces that are said to be apart, and two faces of one picture. A face that fits two known
people about as well belongs to neither: whoever is not certain is unknown.

Pure and deterministic: of equal similarities the earlier pair comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float32]

DOUBT = 0.05
"""How much better the best known person has to fit than the second best."""
MOST = 3000
"""Faces that are grouped at once; the work grows with their square."""
NOBODY = -1


def nearest(row: Rows, people: Sequence[Rows], least: float) -> tuple[int, float]:
    """Which of ``people`` (each the rows of their faces) a face belongs to, and how near.

    ``NOBODY`` where the mean similarity is below ``least`` for all of them, or where two
    of them are within ``DOUBT``.
    """
    near = [float((rows @ row).mean()) if len(rows) else -1.0 for rows in people]
    if not near:
        return NOBODY, -1.0
    first, *others = sorted(range(len(near)), key=lambda at: (-near[at], at))
    if near[first] < least or (others and near[first] - near[others[0]] < DOUBT):
        return NOBODY, near[first]
    return first, near[first]


def group(
    rows: Rows,
    least: float,
    known: Sequence[int] | None = None,
    apart: Iterable[tuple[int, int]] = (),
) -> list[int]:
    """The group of each row, ``NOBODY`` where it is alone.

    Args:
        rows: (n, d), of length 1.
        least: similarity from which two groups are one person.
        known: the person of each row, 0 and up, ``NOBODY`` where that is open. Their
            numbers are kept; new groups go on behind them.
        apart: pairs of rows that are two people.

    Raises:
        ValueError: more than ``MOST`` rows.
    """
    count = len(rows)
    if count > MOST:
        raise ValueError(f"{count} faces at once, {MOST} at most")
    given = list(known) if known is not None else [NOBODY] * count
    members = _start(given)
    never = _never(members, given, apart)
    means = np.array([rows[of].mean(axis=0) for of in members], dtype=np.float64)
    means = means.reshape(len(members), rows.shape[1] if count else 0)
    near = means @ means.T
    near[never] = -np.inf
    np.fill_diagonal(near, -np.inf)
    while members:
        best = int(near.argmax())
        one, other = divmod(best, len(members))
        if near[one, other] < least:
            break
        sizes = len(members[one]), len(members[other])
        means[one] = (means[one] * sizes[0] + means[other] * sizes[1]) / sum(sizes)
        members[one] += members[other]
        members[other] = []
        never[one] |= never[other]
        never[:, one] |= never[:, other]
        near[other], near[:, other] = -np.inf, -np.inf
        fresh = means @ means[one]
        fresh[never[one]] = -np.inf
        fresh[[at for at, of in enumerate(members) if not of]] = -np.inf
        fresh[one] = -np.inf
        near[one], near[:, one] = fresh, fresh
    return _labels(members, given, count)


def _start(given: Sequence[int]) -> list[list[int]]:
    """One group for each known person, one for each open row; in order of first rows."""
    people: dict[int, list[int]] = {}
    members: list[list[int]] = []
    for at, person in enumerate(given):
        if person != NOBODY and person in people:
            people[person].append(at)
            continue
        of = [at]
        members.append(of)
        if person != NOBODY:
            people[person] = of
    return members


def _never(
    members: Sequence[Sequence[int]],
    given: Sequence[int],
    apart: Iterable[tuple[int, int]],
) -> npt.NDArray[np.bool_]:
    never = np.zeros((len(members), len(members)), bool)
    where = {row: at for at, of in enumerate(members) for row in of}
    settled = np.array([given[of[0]] != NOBODY for of in members], dtype=bool)
    if len(members):
        never |= np.logical_and.outer(settled, settled)
    for one, other in apart:
        never[where[one], where[other]] = never[where[other], where[one]] = True
    return never


def _labels(
    members: Sequence[Sequence[int]], given: Sequence[int], count: int
) -> list[int]:
    labels = [NOBODY] * count
    following = max(given, default=NOBODY) + 1
    for of in members:
        person = next((given[at] for at in of if given[at] != NOBODY), NOBODY)
        if person == NOBODY and len(of) > 1:
            person, following = following, following + 1
        for at in of:
            labels[at] = person
    return labels
