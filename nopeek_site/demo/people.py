"""Six invented people and how they stand to each other, and one who minds the site."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from accounts import services
from accounts.models import Closeness, User


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be logged in as. ``part`` says what there is to see."""

    name: str
    full: str
    bio: str
    part: str
    approves: bool = True
    staff: bool = False


PEOPLE = (
    Person("ana", "Ana Brandt", "Photographs the harbour, the desk, and whatever is for lunch.", "posts most of it, and sees it all"),
    Person("ben", "Ben Okafor", "Night markets and number plates. I follow, therefore I am.", "a regular follower of Ana"),
    Person("carla", "Carla Neri", "Cats, coffee, dahlias. In that order.", "a close friend of Ana", approves=False),
    Person("dan", "Dan Virtanen", "Rockets mostly.", "a distant follower of Ana"),
    Person("eva", "Eva Lindqvist", "Parcels arrive. I open them.", "blocked by Ana", approves=False),
    Person("finn", "Finn Walsh", "Early mornings, old stones.", "a stranger who has asked to follow Ana"),
    Person("noor", "Noor Haddad", "Looks after this site.", "staff: the admin is at /admin/", staff=True),
)  # fmt: skip

FOLLOWS: tuple[tuple[str, str, Closeness | None], ...] = (
    ("ben", "ana", Closeness.REGULAR),
    ("carla", "ana", Closeness.CLOSE),
    ("dan", "ana", Closeness.DISTANT),
    ("finn", "ana", None),
    ("ana", "ben", Closeness.REGULAR),
    ("ana", "carla", Closeness.CLOSE),
    ("ana", "dan", None),
    ("carla", "ben", Closeness.REGULAR),
    ("ben", "carla", Closeness.REGULAR),
    ("ben", "dan", Closeness.DISTANT),
    ("dan", "carla", Closeness.DISTANT),
    ("eva", "carla", Closeness.REGULAR),
    ("carla", "eva", Closeness.DISTANT),
    ("finn", "carla", Closeness.DISTANT),
)
"""Who follows whom and how close the other holds them; None: asked, not answered."""

BLOCKS = (("ana", "eva"),)
MUTES = (("ben", "dan"),)


@transaction.atomic
def settle(password: str) -> None:
    """Make the people and their ties, all or none."""
    users = {person.name: _made(person, password) for person in PEOPLE}
    for follower, followee, held in FOLLOWS:
        row = services.follow(users[follower], users[followee])
        if held is None:
            continue
        if row.accepted_at is None:
            services.accept(users[followee], users[follower])
        services.set_closeness(users[followee], users[follower], held)
    for by, whom in MUTES:
        services.mute(users[by], users[whom])
    for by, whom in BLOCKS:
        services.block(users[by], users[whom])


def everybody() -> dict[str, User]:
    """The people who are (still) there, by name."""
    names = [person.name for person in PEOPLE]
    return {user.username: user for user in User.objects.filter(username__in=names)}


def _made(person: Person, password: str) -> User:
    user = User.objects.create_user(
        username=person.name,
        email=f"{person.name}@demo.example",
        password=password,
        display_name=person.full,
        bio=person.bio,
        approves_followers=person.approves,
        welcomed_at=timezone.now(),
        is_staff=person.staff,
        is_superuser=person.staff,
    )
    EmailAddress.objects.create(
        user=user, email=user.email, primary=True, verified=True
    )
    return user
