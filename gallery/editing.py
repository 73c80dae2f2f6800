"""What an owner changes of the masks of one picture, and what follows from it.

A change and the new plans of all tiers are one transaction. Of a published post nobody
sees more than before unless the owner has agreed to it; seeing less needs no question.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404
from django.utils.translation import gettext as _

from gallery import replan, services
from gallery.models import Media
from gallery.states import State
from privacy import decisions, review
from privacy.core.types import Box, Plan, Tier
from privacy.models import Scan

LEAST = review.LEAST


def add(media: Media, box: Box) -> None:
    """Hide a place in which nothing was found."""
    _edit(media, lambda: review.add_region(media.public_id, box), confirmed=True)


def change(
    media: Media,
    region: str,
    *,
    choice: str | None = None,
    show_from: int | None = None,
    style: str | None = None,
    art: str = "",
    box: Box | None = None,
    confirmed: bool = False,
) -> None:
    """Switch a region, choose its look, or move it; what is None stays.

    Raises:
        Http404: there is no such region.
        NeedsConfirmation: a published post would show more.
        services.Refused: there is no scan to change yet.
    """

    subject = media.public_id

    def all_of_it() -> None:
        if box is not None:
            review.move_region(subject, region, box)
        if choice is not None:
            review.set_choice(subject, region, choice, show_from or 0)
        if style is not None:
            review.set_style(subject, [region], style, art)

    _edit(media, all_of_it, confirmed=confirmed)


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
    confirmed: bool = False,
) -> None:
    """The same choice for all findings of a category. Raises as ``change`` does."""
    _edit(
        media,
        lambda: review.same_for_category(media.public_id, category, choice, show_from),
        confirmed=confirmed,
    )


def _edit(media: Media, change: Callable[[], object], *, confirmed: bool) -> None:
    scan = decisions.current_scan(media.public_id)
    if scan is None or media.state not in (State.READY, State.NEEDS_REVIEW):
        raise services.Refused(
            "not_scanned", _("Wait until the scan is over, then edit.")
        )
    found: Scan = scan

    def plans() -> dict[Tier, Plan]:
        return decisions.plans_for(found)

    def all_of_it() -> None:
        try:
            change()
        except review.NoSuchRegion as error:
            raise Http404 from error
        except review.BadRegion as error:
            raise services.Refused("bad_region", str(error)) from error
        replan.replan(media)

    services.guarded(media, all_of_it, plans, confirmed=confirmed)
