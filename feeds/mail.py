"""Notifications by mail: who did what, and an address to look it up. No content.

A mail leaves the house, so it carries neither pictures nor what was written, and it is
sent only to an address that was verified.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from feeds.models import Notification
from feeds.notify import visible_notifications
from feeds.wishes import mail_is_set_up, wanted

SENTENCES = {
    "follow.requested": gettext_noop("{name} asks to follow you."),
    "follow.started": gettext_noop("{name} follows you."),
    "follow.accepted": gettext_noop("{name} accepted your request."),
    "post.liked": gettext_noop("{name} likes your post."),
    "post.mentioned": gettext_noop("{name} named you in a post."),
    "comment.added": gettext_noop("{name} commented on your post."),
    "comment.replied": gettext_noop("{name} replied to you."),
    "comment.mentioned": gettext_noop("{name} named you in a comment."),
    "media.ready": gettext_noop("A photo is ready for you to look over."),
    "media.stopped": gettext_noop("A photo needs you. Nobody else sees it meanwhile."),
    "export.ready": gettext_noop("Your export can be fetched."),
}


def send(public_id: str) -> bool:
    """Mail one notification, if it is still new, still to be seen and still wished for.

    Sent once however often it is asked for. Raises what the mail server's client
    raises; then it may be tried again.
    """
    row = Notification.objects.filter(public_id=public_id).select_related("to").first()
    if row is None or not _may_go(row):
        return False
    unsent = Notification.objects.filter(pk=row.pk, mailed_at__isnull=True)
    if unsent.update(mailed_at=timezone.now()) != 1:
        return False
    try:
        _post(row)
    except Exception:
        Notification.objects.filter(pk=row.pk).update(mailed_at=None)
        raise
    return True


def _may_go(row: Notification) -> bool:
    user = row.to
    return (
        mail_is_set_up()
        and user.is_present
        and row.read_at is None
        and wanted(user, row.verb).by_mail
        and visible_notifications(user).filter(pk=row.pk).exists()
        and _verified(user)
    )


def _verified(user: User) -> bool:
    known = EmailAddress.objects.filter(user=user, email__iexact=user.email)
    return bool(known.filter(verified=True).exists())


def _post(row: Notification) -> None:
    with translation.override(row.to.language):
        name = row.actor.name if row.actor else ""
        sentence = _(SENTENCES[row.verb]).format(name=name)
        site = settings.SITE_URL.rstrip("/")
        text = "\n\n".join(
            [
                sentence,
                site + reverse("notifications"),
                _("What comes by mail is up to you:")
                + "\n"
                + site
                + reverse("settings-notifications"),
            ]
        )
        send_mail(sentence, text, None, [row.to.email])
