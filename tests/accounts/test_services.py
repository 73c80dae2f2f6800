"""Verbs between people: what they leave behind, in any order and under races."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import events, services
from accounts.events import Event
from accounts.models import Block, Closeness, Follow, Mute, User
from accounts.relations import Absent
from tests.factories import People, make_follow, make_user, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def them() -> People:
    return people()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Events as the sinks would get them."""
    found: list[Event] = []
    monkeypatch.setattr(events, "_deliver", found.append)
    return found


def test_following_waits_where_followers_are_approved(them: People) -> None:
    row = services.follow(them.erin, them.alice)
    assert row.accepted_at is None
    accepted = services.accept(them.alice, them.erin)
    assert accepted.accepted_at is not None
    assert accepted.closeness == Closeness.DISTANT


def test_following_without_approval_starts_at_arms_length(them: People) -> None:
    services.update_profile(them.alice, approves_followers=False)
    row = services.follow(them.erin, them.alice)
    assert row.accepted_at is not None
    assert row.closeness == Closeness.DISTANT


def test_each_verb_may_be_repeated(them: People) -> None:
    for _ in range(2):
        services.follow(them.erin, them.alice)
        services.accept(them.alice, them.erin)
        services.set_closeness(them.alice, them.erin, Closeness.CLOSE)
        services.mute(them.erin, them.bob)
    assert Follow.objects.get(follower=them.erin).closeness == Closeness.CLOSE
    assert Mute.objects.count() == 1
    for _ in range(2):
        services.remove_follower(them.alice, them.erin)
        services.unmute(them.erin, them.bob)
        services.block(them.erin, them.bob)
    assert Block.objects.filter(blocker=them.erin).count() == 1
    for _ in range(2):
        services.unblock(them.erin, them.bob)
    assert not Follow.objects.filter(follower=them.erin).exists()
    assert not Block.objects.filter(blocker=them.erin).exists()


def test_accepting_again_keeps_the_closeness(them: People) -> None:
    services.accept(them.alice, them.carol)
    assert Follow.objects.get(follower=them.carol).closeness == Closeness.CLOSE


def test_a_block_ends_both_follows_and_they_do_not_come_back(them: People) -> None:
    make_follow(them.alice, them.carol)
    services.block(them.carol, them.alice)
    services.unblock(them.carol, them.alice)
    assert not Follow.objects.filter(follower=them.carol).exists()
    assert not Follow.objects.filter(follower=them.alice).exists()


@pytest.mark.parametrize("verb", [services.follow, services.mute])
@pytest.mark.parametrize("who", ["dan", "alice"])
def test_across_a_block_there_is_nobody(
    them: People, verb: Callable[[User, User], object], who: str
) -> None:
    by, target = (them.dan, them.alice) if who == "dan" else (them.alice, them.dan)
    with pytest.raises(Absent):
        verb(by, target)


@pytest.mark.parametrize(
    "verb", [services.follow, services.block, services.mute, services.accept]
)
def test_nobody_does_it_to_themselves(
    them: People, verb: Callable[[User, User], object]
) -> None:
    with pytest.raises(Absent):
        verb(them.alice, them.alice)


def test_the_suspended_do_nothing(them: People) -> None:
    services.suspend(them.erin)
    with pytest.raises(Absent):
        services.follow(them.erin, them.bob)
    services.restore(them.erin)
    assert services.follow(them.erin, them.bob)


@pytest.mark.parametrize("verb", [services.accept, services.remove_follower])
def test_no_request_is_made_up_by_accepting(
    them: People, verb: Callable[[User, User], object]
) -> None:
    if verb is services.accept:
        with pytest.raises(Absent):
            verb(them.alice, them.erin)
    else:
        verb(them.alice, them.erin)
    assert not Follow.objects.filter(follower=them.erin).exists()


def test_closeness_is_for_accepted_followers(them: People) -> None:
    make_follow(them.erin, them.alice, accepted=False)
    with pytest.raises(Absent):
        services.set_closeness(them.alice, them.erin, Closeness.CLOSE)
    assert Follow.objects.get(follower=them.erin).closeness == Closeness.DISTANT


def test_a8_a_profile_takes_its_own_fields_alone(them: People) -> None:
    with pytest.raises(TypeError):
        services.update_profile(them.bob, is_staff=True)
    with pytest.raises(ValidationError):
        services.update_profile(them.bob, language="xx")
    with pytest.raises(ValidationError):
        services.update_profile(them.bob, bio="x" * 281)
    them.bob.refresh_from_db()
    assert not them.bob.is_staff
    assert them.bob.language == "en"


@pytest.mark.django_db(transaction=True)
def test_a9_events_never_say_how_close_or_why(heard: list[Event]) -> None:
    """Blocked, demoted, promoted and removed all sound the same to the other."""
    them = people()
    heard.clear()
    services.set_closeness(them.alice, them.bob, Closeness.CLOSE)
    services.set_closeness(them.alice, them.carol, Closeness.DISTANT)
    services.remove_follower(them.alice, them.frank)
    services.block(them.alice, them.erin)
    others = [event for event in heard if event.to != (str(them.alice.public_id),)]
    assert len(others) == 4
    shapes = {(e.name, e.by, e.subject, e.version) for e in others}
    assert shapes == {("relation.changed", str(them.alice.public_id), "", 0)}


@pytest.mark.django_db(transaction=True)
def test_nothing_is_announced_that_did_not_happen(heard: list[Event]) -> None:
    them = people()
    heard.clear()
    services.set_closeness(them.alice, them.carol, Closeness.CLOSE)  # as it was
    services.accept(them.alice, them.carol)
    services.decline(them.alice, them.carol)
    services.withdraw(them.erin, them.alice)
    services.unblock(them.alice, them.erin)
    assert heard == []


# --- R7 ------------------------------------------------------------------------------


@dataclass
class Model:
    """What ought to be, in a few lines. Pairs are (from, to)."""

    follows: dict[tuple[int, int], tuple[bool, int]] = field(default_factory=dict)
    blocks: set[tuple[int, int]] = field(default_factory=set)
    approves: dict[int, bool] = field(default_factory=dict)

    def apart(self, a: int, b: int) -> bool:
        return (a, b) in self.blocks or (b, a) in self.blocks

    def step(self, verb: str, a: int, b: int) -> None:
        match verb:
            case "follow" if not self.apart(a, b):
                self.follows.setdefault((a, b), (not self.approves[b], 0))
            case "withdraw":
                self.follows.pop((a, b), None)
            case "accept" if (b, a) in self.follows:
                self.follows[b, a] = (True, self.follows[b, a][1])
            case "decline" if not self.follows.get((b, a), (True, 0))[0]:
                del self.follows[b, a]
            case "remove":
                self.follows.pop((b, a), None)
            case "close" if self.follows.get((b, a), (False, 0))[0]:
                self.follows[b, a] = (True, 2)
            case "block":
                self.blocks.add((a, b))
                self.follows.pop((a, b), None)
                self.follows.pop((b, a), None)
            case "unblock":
                self.blocks.discard((a, b))


DEEDS: dict[str, Callable[[User, User], object]] = {
    "follow": services.follow,
    "withdraw": services.withdraw,
    "accept": services.accept,
    "decline": services.decline,
    "remove": services.remove_follower,
    "close": lambda a, b: services.set_closeness(a, b, Closeness.CLOSE),
    "block": services.block,
    "unblock": services.unblock,
}

PAIRS = [(a, b) for a in range(3) for b in range(3) if a != b]
STEPS = st.lists(
    st.tuples(st.sampled_from(sorted(DEEDS)), st.sampled_from(PAIRS)), max_size=25
)


def stored(
    who: list[User],
) -> tuple[dict[tuple[int, int], tuple[bool, int]], set[tuple[int, int]]]:
    index = {user.pk: number for number, user in enumerate(who)}
    follows = {
        (index[row.follower_id], index[row.followee_id]): (
            row.accepted_at is not None,
            row.closeness,
        )
        for row in Follow.objects.all()
    }
    blocks = {
        (index[row.blocker_id], index[row.blocked_id]) for row in Block.objects.all()
    }
    return follows, blocks


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_r7_any_sequence_ends_where_the_model_ends(
    three: list[User], steps: list[tuple[str, tuple[int, int]]]
) -> None:
    Follow.objects.all().delete()
    Block.objects.all().delete()
    model = Model(approves={0: True, 1: False, 2: True})
    for verb, (a, b) in steps:
        with contextlib.suppress(Absent):
            DEEDS[verb](three[a], three[b])
        model.step(verb, a, b)
        assert stored(three) == (model.follows, model.blocks)


@pytest.fixture
def three() -> list[User]:
    return [
        make_user("ann"),
        make_user("ben", approves_followers=False),
        make_user("cyd"),
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rival", ["accept", "follow", "close"])
def test_r7_a_block_in_a_race_leaves_no_follow(rival: str) -> None:
    """Whichever comes first, blocked people never end up following each other."""
    ann, ben = make_user("ann"), make_user("ben")
    for _ in range(8):
        Block.objects.all().delete()
        Follow.objects.all().delete()
        if rival != "follow":
            make_follow(ben, ann, accepted=rival == "close")
        start = threading.Barrier(2)

        def run(verb: str, a: User, b: User, start: threading.Barrier = start) -> None:
            try:
                start.wait(10)
                DEEDS[verb](a, b)
            except Absent:
                pass
            finally:
                connections.close_all()

        pair = (ben, ann) if rival == "follow" else (ann, ben)
        threads = [
            threading.Thread(target=run, args=("block", ann, ben)),
            threading.Thread(target=run, args=(rival, *pair)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert Block.objects.count() == 1
        assert Follow.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_r7_two_follows_at_once_are_one() -> None:
    ann, ben = make_user("ann"), make_user("ben")
    start = threading.Barrier(4)
    errors: list[Exception] = []

    def run() -> None:
        try:
            start.wait(10)
            services.follow(ben, ann)
        except Exception as error:  # noqa: BLE001 - handed to the main thread
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert Follow.objects.count() == 1
    assert connection.is_usable()
