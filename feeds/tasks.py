"""Doorways for the worker."""

from __future__ import annotations

from smtplib import SMTPException

from celery import shared_task

from feeds import mail, notify


@shared_task
def nudge_many(name: str, to: list[str], subject: str, version: int) -> None:
    """Nudge more sockets than a request should wait for. Repeating does no harm."""
    notify.nudge(name, to, subject, version)


@shared_task(autoretry_for=(SMTPException, OSError), retry_backoff=30, max_retries=5)
def mail_notification(public_id: str) -> None:
    """Send one notification by mail, once."""
    mail.send(public_id)
