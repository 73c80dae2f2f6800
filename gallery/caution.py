"""What an owner's wish for more masking does to the photos they have.

Reached by name from ``accounts`` (``settings.NOPEEK_ON_CAUTION``), which knows no
pictures.
"""

from __future__ import annotations

from django.db import transaction

from gallery.models import Media
from gallery.replan import replan


@transaction.atomic
def caution_changed(owner_id: int) -> None:
    """Make the plans of the owner's photos anew; who sees more or less does so at once.

    A version that is not rendered yet is seen by nobody until it is (``replan``).
    """
    for media in Media.objects.filter(owner_id=owner_id).order_by("pk"):
        replan(media)
