"""Doorways for the workers."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

KEPT = timedelta(days=30)


@shared_task
def forget_events() -> None:
    """Drop the record of how stages went once it is of no use any more."""
    from privacy.models import ScanEvent

    ScanEvent.objects.filter(created_at__lte=timezone.now() - KEPT).delete()
