"""Facts about pairs, and the same facts as SQL."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts import relations
from accounts.models import Closeness, Follow, User
from accounts.relations import Absent, Kind, RelationFact, access_person, relation
from tests.factories import People, make_follow, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def them() -> People:
    return people()


def facts(them: People) -> dict[str, RelationFact]:
    return {
        name: relation(getattr(them, name, AnonymousUser()), them.alice)
        for name in ("alice", "bob", "carol", "dan", "erin", "frank", "nobody")
    }


def test_each_of_the_six_stands_where_the_owner_put_them(them: People) -> None:
    assert facts(them) == {
        "alice": RelationFact(Kind.OWNER),
        "bob": RelationFact(Kind.FOLLOWER, Closeness.REGULAR),
        "carol": RelationFact(Kind.FOLLOWER, Closeness.CLOSE),
        "dan": RelationFact(Kind.BLOCKED),
        "erin": RelationFact(Kind.STRANGER),
        "frank": RelationFact(Kind.FOLLOWER, Closeness.DISTANT),
        "nobody": RelationFact(Kind.STRANGER),
    }


def test_a_block_looks_the_same_from_both_sides(them: People) -> None:
    assert relation(them.alice, them.dan).kind is Kind.BLOCKED


def test_following_each_other_is_mutual_and_keeps_the_closeness(them: People) -> None:
    make_follow(them.alice, them.bob)
    assert relation(them.bob, them.alice) == RelationFact(
        Kind.MUTUAL, Closeness.REGULAR
    )


def test_a5_a_request_is_no_follow(them: People) -> None:
    row = make_follow(them.erin, them.alice, Closeness.CLOSE, accepted=False)
    assert relation(them.erin, them.alice) == RelationFact(Kind.STRANGER)
    person = User.objects.annotate(c=relations.closeness_of(them.erin, "pk"))
    assert person.get(pk=them.alice.pk).c is None
    assert them.alice.pk not in relations.following(them.erin)
    Follow.objects.filter(pk=row.pk).update(accepted_at=timezone.now())
    assert person.get(pk=them.alice.pk).c == Closeness.CLOSE


def test_sql_and_the_single_fact_agree(them: People) -> None:
    make_follow(them.alice, them.carol, Closeness.REGULAR)
    make_follow(them.dan, them.erin, Closeness.CLOSE, accepted=False)
    everyone = list(User.objects.all())
    for viewer in [*everyone, None, AnonymousUser()]:
        rows = User.objects.annotate(
            closeness=relations.closeness_of(viewer, "pk"),
            blocked=relations.blocked_either_way(viewer, "pk"),
        )
        for row in rows:
            fact = relation(viewer, row)
            if fact.kind is Kind.OWNER:
                continue
            assert row.blocked is (fact.kind is Kind.BLOCKED)
            assert row.closeness == fact.closeness


@pytest.mark.parametrize("how", ["suspended", "inactive"])
def test_who_is_out_is_a_stranger_and_absent(them: People, how: str) -> None:
    if how == "suspended":
        them.carol.suspended_at = timezone.now()
    else:
        them.carol.is_active = False
    them.carol.save()
    assert relation(them.carol, them.alice) == RelationFact(Kind.STRANGER)
    assert not relations.following(them.carol).exists()
    with pytest.raises(Absent):
        access_person(them.alice, "carol")


@pytest.mark.parametrize("name", ["alice", "ALICE", "Alice"])
def test_names_are_found_whatever_their_case(them: People, name: str) -> None:
    assert access_person(None, name) == them.alice


@pytest.mark.parametrize("name", ["alice", "nobody", ""])
def test_blocked_and_never_existed_are_the_same_error(them: People, name: str) -> None:
    with pytest.raises(Absent) as caught:
        access_person(them.dan, name)
    assert str(caught.value) == ""
