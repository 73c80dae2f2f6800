"""What an owner changes of the masks of one picture, and what follows from it.

A change and the new plans of all tiers are one transaction. Of a published post nobody
sees more than before unless the owner has agreed to it; seeing less needs no question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import Http404
from django.utils.translation import gettext as _

from gallery import replan, services, stickers
from gallery.models import Media
from gallery.states import State
from privacy import decisions, review
from privacy.claims import services as claimed
from privacy.core.types import Box, Plan, Point, Tier
from privacy.models import Finding, Scan
from privacy.personal import learning

LEAST = review.LEAST


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one region; what is None stays.

    Attributes:
        region: its id.
        choice, show_from: see ``privacy.review.set_choice``.
        style, art: its look where it is masked; empty leaves it to the rules.
        box, outline, brush: its place, see ``privacy.review.move_region``.
    """

    region: str
    choice: str | None = None
    show_from: int | None = None
    style: str | None = None
    art: str = ""
    box: Box | None = None
    outline: Sequence[Point] = ()
    brush: float = 0.0


def add(
    media: Media,
    box: Box | None = None,
    *,
    outline: Sequence[Point] = (),
    brush: float = 0.0,
    look: Change | None = None,
) -> str:
    """Hide a place in which nothing was found, and return the id of its region.

    Args:
        look: how a region that was deleted comes back, under its old id.

    Raises:
        services.Refused: it cannot be drawn; the text says why.
    """
    made: list[str] = []

    def all_of_it() -> None:
        row = review.add_region(
            media.public_id,
            box,
            outline=outline,
            brush=brush,
            region=look.region if look else "",
        )
        made.append(row.region)
        if look:
            _apply(media, look)

    _edit(media, all_of_it, confirmed=True)
    return made[0]


def change(
    media: Media,
    region: str,
    *,
    choice: str | None = None,
    show_from: int | None = None,
    style: str | None = None,
    art: str = "",
    box: Box | None = None,
    outline: Sequence[Point] = (),
    brush: float = 0.0,
    confirmed: bool = False,
) -> None:
    """Switch a region, choose its look, or move it; what is None stays.

    Raises:
        Http404: there is no such region.
        NeedsConfirmation: a published post would show more.
        services.Refused: there is no scan to change yet.
    """
    one = Change(region, choice, show_from, style, art, box, outline, brush)
    change_all(media, [one], confirmed=confirmed)


def change_all(
    media: Media,
    changes: Sequence[Change],
    *,
    confirmed: bool = False,
    learn: bool = True,
) -> None:
    """Several changes as one: all of them or none. Raises as ``change`` does.

    Without ``learn`` they say nothing of what the owner wants of single things.
    """

    def all_of_it() -> None:
        for one in changes:
            _apply(media, one)

    _edit(media, all_of_it, confirmed=confirmed, learn=learn)


def remove(media: Media, region: str, *, confirmed: bool = False) -> None:
    """Remove a region that the owner drew. Raises as ``change`` does."""
    _edit(
        media,
        lambda: review.delete_region(media.public_id, region),
        confirmed=confirmed,
    )


def choose_kind(
    media: Media,
    category: str,
    choice: str,
    show_from: int = 0,
    *,
    style: str | None = None,
    art: str = "",
    among: str = "",
    confirmed: bool = False,
) -> None:
    """The same choice for all findings of a category. Raises as ``change`` does.

    Args:
        among: ``background`` for those faces alone, see ``privacy.review``.
    """

    def all_of_it() -> None:
        stickers.check(media.owner_id, art)
        review.same_for_category(
            media.public_id,
            category,
            choice,
            show_from,
            style=style,
            art=art,
            among=among,
        )

    _edit(media, all_of_it, confirmed=confirmed)


def _apply(media: Media, one: Change) -> None:
    subject = media.public_id
    if one.box is not None or one.outline:
        review.move_region(
            subject, one.region, one.box, outline=one.outline, brush=one.brush
        )
    if one.choice is not None:
        review.set_choice(subject, one.region, one.choice, one.show_from or 0)
    if one.style is not None:
        stickers.check(media.owner_id, one.art)
        review.set_style(subject, [one.region], one.style, one.art)


def _edit(
    media: Media,
    change: Callable[[], object],
    *,
    confirmed: bool,
    learn: bool = True,
) -> None:
    scan = decisions.current_scan(media.public_id)
    if scan is None or media.state not in (State.READY, State.NEEDS_REVIEW):
        raise services.Refused(
            "not_scanned", _("Wait until the scan is over, then edit.")
        )
    found: Scan = scan

    def plans() -> dict[Tier, Plan]:
        return decisions.plans_for(found)

    def all_of_it() -> None:
        before = learning.state_of(media.public_id) if learn else {}
        try:
            change()
        except review.NoSuchRegion as error:
            raise Http404 from error
        except review.BadRegion as error:
            raise services.Refused("bad_region", str(error)) from error
        _keeps_what_is_bound(media)
        replan.replan(media)
        if learn:
            learning.note(found, before)

    services.guarded(media, all_of_it, plans, confirmed=confirmed)


def _keeps_what_is_bound(media: Media) -> None:
    """What a moderator upheld for who is shown stays masked, whoever edits."""
    for region, place in claimed.bound(media.public_id):
        rows = review.findings(media.public_id).filter(region=region)
        row = rows.exclude(choice=Finding.Choice.SHOW).first()
        if row is None or not _covers(row, place):
            raise services.Refused(
                "bound", _("Somebody in this photo asked to be masked: it stays so.")
            )


def _covers(row: Finding, place: Sequence[float]) -> bool:
    x0, y0, x1, y1 = place
    near = 1e-6
    return (
        row.x0 <= x0 + near
        and row.y0 <= y0 + near
        and row.x1 >= x1 - near
        and row.y1 >= y1 - near
    )
