"""A request to be masked, from its form to its answer."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Claim(models.Model):
    """Somebody says that they are in a picture.

    ``subject`` is what was named, whether or not there is such a picture: ``seen`` says
    that the asker could see it, and only then is there an ``owner``. The contact is
    for the answer alone: no owner and no other asker sees it, and it is forgotten
    thirty days after the answer.
    """

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", _("Waits for you to confirm your address")
        WAITING = "waiting", _("Waits for an answer")
        MASKED = "masked", _("Masked")
        DECLINED = "declined", _("Declined")
        APPEALED = "appealed", _("The site looks at it")
        UPHELD = "upheld", _("Masked for good")
        REFUSED = "refused", _("Not masked")

    class Proof(models.TextChoices):
        NONE = "", _("contact unproved")
        MAIL = "mail", _("address confirmed")
        ACCOUNT = "account", _("asked with an account")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    token = models.CharField(max_length=64, unique=True, editable=False)  # its digest
    subject = models.UUIDField(db_index=True)
    seen = models.BooleanField(default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="claims_about"
    )
    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="claims_made",
    )
    contact = models.EmailField(blank=True)
    proof = models.CharField(max_length=7, choices=Proof, blank=True)
    words = models.CharField(max_length=500, blank=True)
    place = models.JSONField(default=list)  # x0, y0, x1, y1 in 0..1, or empty
    region = models.CharField(max_length=24, blank=True)
    passed = models.BooleanField(default=False)  # a moderator passed it on
    at_once = models.BooleanField(default=False)
    state = models.CharField(max_length=11, choices=State, default=State.WAITING)
    why = models.CharField(max_length=500, blank=True)
    from_address = models.CharField(max_length=64, blank=True)  # keyed, of one day
    created_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "unconfirmed",
                        "waiting",
                        "masked",
                        "declined",
                        "appealed",
                        "upheld",
                        "refused",
                    ]
                ),
                name="claims_state_known",
            ),
            models.CheckConstraint(
                condition=Q(seen=True) | Q(owner__isnull=True),
                name="claims_owner_of_what_is_seen",
            ),
        ]
        indexes = [models.Index(fields=["state", "created_at"])]

    def __str__(self) -> str:
        return f"claim {self.public_id}"
