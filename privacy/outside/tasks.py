"""Doorways for the workers. What a task needs is imported when it runs."""

from __future__ import annotations

import base64
import uuid
from typing import Any

from celery import shared_task


@shared_task
def carry_out(public_id: str, wanted: dict[str, Any], secret: str) -> None:
    """Look at one picture that another program sent, and answer."""
    from privacy.outside import work

    work.carry_out(uuid.UUID(public_id), wanted, base64.urlsafe_b64decode(secret))


@shared_task
def forget_jobs() -> None:
    """Remove pictures and answers that nobody fetched."""
    from privacy.outside import jobs, known

    jobs.forget_old()
    known.forget_old()
