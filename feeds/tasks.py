"""Doorways for the worker."""

from __future__ import annotations

from celery import shared_task

from feeds import notify


@shared_task
def nudge_many(name: str, to: list[str], subject: str, version: int) -> None:
    """Nudge more sockets than a request should wait for. Repeating does no harm."""
    notify.nudge(name, to, subject, version)
