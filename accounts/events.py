"""Things that happened, handed to whoever is configured to listen.

Imports point one way, so an app that wants to know of another's deeds is named in
``settings.NOPEEK_EVENT_SINKS`` and called after the commit.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened. Ids are public ids; there is never content in it.

    Attributes:
        name: ``follow.requested``, ``media.stage``, ``post.published`` …
        to: public ids of the users whom it concerns.
        by: public id of who did it, where that matters.
        subject: public id of the thing it is about.
        version: version of the thing, so that a late event can be told from a new one.
    """

    name: str
    to: tuple[str, ...]
    by: str = ""
    subject: str = ""
    version: int = 0


def publish(event: Event) -> None:
    """Hand ``event`` to every sink once the transaction has committed.

    A sink that fails is logged and cannot undo what has happened.
    """
    transaction.on_commit(lambda: _deliver(event), robust=True)


def _deliver(event: Event) -> None:
    for path in settings.NOPEEK_EVENT_SINKS:
        try:
            import_string(path)(event)
        except Exception:
            log.exception("event.sink_failed", sink=path, event_name=event.name)
