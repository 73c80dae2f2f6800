"""Rules of people and of albums, for the page that says who sees what and why.

Reached by name from ``privacy`` (``settings.NOPEEK_OWN_PLACES``).
"""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from gallery.people.models import AlbumRules, Person
from privacy import decisions
from privacy.core.taxonomy import lookup
from privacy.policy_room.yours import Place


def places(owner_id: int) -> list[Place]:
    """Each person with a wish, then each album with rules of its own."""
    people = Person.objects.filter(owner=owner_id).exclude(wish="").order_by("name")
    albums = AlbumRules.objects.filter(album__owner=owner_id).select_related("album")
    return [
        *(
            Place(
                "person",
                one.name or _("No name yet"),
                str(one.get_wish_display()),
                reverse("faces-person", args=[one.public_id]),
            )
            for one in people
        ),
        *(
            Place(
                "album",
                row.album.name,
                _hides(row),
                reverse("album", args=[row.album.public_id]) + "#rules",
            )
            for row in albums.order_by("album__name", "pk")
        ),
    ]


def _hides(row: AlbumRules) -> str:
    rules = decisions.parsed(row.body).rules
    names = ", ".join(lookup(rule.category).many for rule in rules)
    return _("Its photos hide more: %(names)s.") % {"names": names}
