"""Moving several followers to a lane at once; how close they are is told to nobody."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models.functions import Lower

from accounts.events import Event, publish
from accounts.models import Closeness, Follow, User
from accounts.relations import Absent, visible_people

MOST = 200
"""How many can be moved by one request; a page of a lane shows 50."""


@transaction.atomic
def move(owner: User, usernames: Iterable[str], closeness: Closeness) -> list[User]:
    """Hold each named follower of ``owner`` as close as given, all in one transaction.

    Names of people who do not follow ``owner`` (any more) are passed over: they may
    have gone since the page was made. Returns those who are now held so, in the order
    of their names, whether or not that is news.

    Raises:
        Absent: nobody of these names follows ``owner``, or ``owner`` takes no part.
    """
    names = {name.lower() for name in usernames}
    found = (
        visible_people(owner)
        .alias(folded=Lower("username"))
        .filter(folded__in=names, follows_out__followee=owner)
    )
    keys = list(found.values_list("pk", flat=True)[:MOST])
    # As for a pair in accounts.services: user rows first, in the order of their keys.
    rows = {
        user.pk: user
        for user in User.objects.select_for_update(no_key=True)
        .filter(pk__in=[owner.pk, *keys])
        .order_by("pk")
    }
    if owner.pk not in rows or not rows[owner.pk].is_present:
        raise Absent
    follows = Follow.objects.filter(
        followee=owner, follower__in=keys, accepted_at__isnull=False
    )
    held = list(follows.values_list("follower", "closeness"))
    if not held:
        raise Absent
    changed = [key for key, before in held if before != closeness]
    follows.filter(follower__in=changed).update(closeness=closeness)
    for key in changed:
        # Says neither what changed nor which way.
        publish(
            Event(
                "relation.changed",
                to=(str(rows[key].public_id),),
                by=str(owner.public_id),
            )
        )
    return sorted((rows[key] for key, _before in held), key=lambda user: user.username)
