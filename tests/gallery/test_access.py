"""The one door: who sees which Media at which tier, and as whom the owner may look."""

from __future__ import annotations

import dataclasses
import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.utils import timezone

from accounts import services as ties
from accounts.models import Closeness, User
from accounts.relations import Kind, Viewer
from gallery import access
from gallery.grants import Grant
from gallery.models import Media, Post, TierView
from gallery.states import State
from privacy.core.types import Tier
from tests.factories import People, make_follow, make_media, make_post, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def six() -> People:
    return people()


def tier_of(viewer: Viewer, media: Media) -> Tier | str | None:
    """``owner``, a tier, or None for nothing."""
    try:
        grant = access.access_media(viewer, media.public_id)
    except Http404:
        return None
    return "owner" if grant.mine else grant.tier


EXPECTED = {
    "everyone": {
        "alice": "owner", "bob": Tier.SEMI, "carol": Tier.NONE, "dan": None,
        "erin": Tier.FULL, "frank": Tier.FULL, "anonymous": Tier.FULL,
    },
    "followers": {
        "alice": "owner", "bob": Tier.SEMI, "carol": Tier.NONE, "dan": None,
        "erin": None, "frank": Tier.FULL, "anonymous": None,
    },
    "close": {
        "alice": "owner", "bob": None, "carol": Tier.NONE, "dan": None,
        "erin": None, "frank": None, "anonymous": None,
    },
    "only_me": {
        "alice": "owner", "bob": None, "carol": None, "dan": None,
        "erin": None, "frank": None, "anonymous": None,
    },
}  # fmt: skip


def named(six: People) -> dict[str, Viewer]:
    found: dict[str, Viewer] = {
        field.name: getattr(six, field.name) for field in dataclasses.fields(six)
    }
    return found | {"anonymous": AnonymousUser()}


@pytest.mark.parametrize("audience", EXPECTED)
def test_tier_of_each_person_by_audience(six: People, audience: str) -> None:
    media = make_media(six.alice, make_post(six.alice, audience))
    seen = {name: tier_of(who, media) for name, who in named(six).items()}
    assert seen == EXPECTED[audience]


def test_each_tier_gets_its_own_plan(six: People) -> None:
    media = make_media(six.alice)
    plans = {
        access.access_media(who, media.public_id).plan
        for who in (six.bob, six.carol, six.erin)
    }
    assert len(plans) == 3
    assert access.access_media(six.alice, media.public_id).plan == ""


@pytest.mark.parametrize("state", [state for state in State if state != State.READY])
def test_unless_ready_only_the_owner_sees_it(six: People, state: State) -> None:
    media = make_media(six.alice)
    Media.objects.filter(pk=media.pk).update(state=state)
    seen = {name for name, who in named(six).items() if tier_of(who, media)}
    assert seen == {"alice"}


def test_draft_is_the_owners_alone(six: People) -> None:
    post = make_post(six.alice, published=False)
    media = make_media(six.alice, post)
    seen = {name for name, who in named(six).items() if tier_of(who, media)}
    assert seen == {"alice"}
    with pytest.raises(Http404):
        access.access_post(six.alice, post.public_id)


@pytest.mark.parametrize(
    "change", [{"ready": False}, {"renderer": "0"}, {"tier": None}], ids=str
)
def test_tier_without_current_rendition_sees_nothing(
    six: People, change: dict[str, object]
) -> None:
    media = make_media(six.alice)
    rows = TierView.objects.filter(media=media, tier=Tier.SEMI)
    rows.delete() if change == {"tier": None} else rows.update(**change)
    assert tier_of(six.bob, media) is None
    assert tier_of(six.carol, media) == Tier.NONE
    assert tier_of(six.erin, media) == Tier.FULL


def test_a5_waiting_for_acceptance_is_no_follow(six: People) -> None:
    media = make_media(six.alice, make_post(six.alice, "followers"))
    make_follow(six.erin, six.alice, Closeness.CLOSE, accepted=False)
    assert tier_of(six.erin, media) is None


def test_block_from_either_side_hides(six: People) -> None:
    media = make_media(six.alice)
    ties.block(six.erin, six.alice)
    assert tier_of(six.erin, media) is None
    ties.unblock(six.erin, six.alice)
    assert tier_of(six.erin, media) == Tier.FULL


@pytest.mark.parametrize(
    "gone", [{"is_active": False}, {"suspended_at": timezone.now()}], ids=["off", "out"]
)
def test_owner_who_is_gone_is_not_seen(six: People, gone: dict[str, object]) -> None:
    media = make_media(six.alice)
    User.objects.filter(pk=six.alice.pk).update(**gone)
    six.alice.refresh_from_db()
    assert not [name for name, who in named(six).items() if tier_of(who, media)]


def test_suspended_viewer_is_a_stranger(six: People) -> None:
    shown = make_media(six.alice)
    kept = make_media(six.alice, make_post(six.alice, "close"))
    ties.suspend(six.carol)
    six.carol.refresh_from_db()
    assert tier_of(six.carol, shown) == Tier.FULL
    assert tier_of(six.carol, kept) is None


def test_post_shows_the_media_that_may_be_seen(six: People) -> None:
    post = make_post(six.alice)
    first, second = make_media(six.alice, post), make_media(six.alice, post)
    Media.objects.filter(pk=first.pk).update(state=State.NEEDS_REVIEW)
    grant = access.access_post(six.bob, post.public_id)
    assert [media.public_id for media in grant.media] == [second.public_id]
    Media.objects.filter(pk=second.pk).update(state=State.SCANNING)
    with pytest.raises(Http404):
        access.access_post(six.bob, post.public_id)
    assert len(access.access_post(six.alice, post.public_id).media) == 2


def test_visible_posts_is_the_rule_of_media(six: People) -> None:
    for audience in EXPECTED:
        make_media(six.alice, make_post(six.alice, audience))
    for who in named(six).values():
        by_post = set(access.visible_posts(who).values_list("pk", flat=True))
        by_media = set(access.visible_media(who).values_list("post", flat=True))
        assert by_post == by_media


def test_grants_keep_the_order_and_leave_out_what_is_hidden(six: People) -> None:
    posts = [make_post(six.alice, audience) for audience in EXPECTED]
    for post in posts:
        make_media(six.alice, post)
    shown = access.grants_for(six.bob, reversed(posts))
    assert [grant.public_id for grant in shown] == [
        posts[1].public_id,
        posts[0].public_id,
    ]
    assert {grant.relation for grant in shown} == {Kind.FOLLOWER}


def test_grant_says_nothing_of_audience_to_others(six: People) -> None:
    post = make_post(six.alice, "followers")
    make_media(six.alice, post)
    assert access.access_post(six.bob, post.public_id).audience == ""
    assert access.access_post(six.alice, post.public_id).audience == "followers"


def test_grants_are_made_nowhere_else(six: People) -> None:
    grant = access.access_media(six.bob, make_media(six.alice).public_id)
    values = {
        field.name: getattr(grant, field.name)
        for field in dataclasses.fields(grant)
        if field.name != "proof"
    }
    with pytest.raises(TypeError):
        Grant(**values)


def test_i19_alt_of_hidden_things_is_for_those_who_see_all(six: People) -> None:
    media = make_media(six.alice, alt_text="Ada by her car", alt_masked="By a car")
    TierView.objects.filter(media=media, tier=Tier.NONE).update(masked=0)
    alts = {
        name: access.access_media(who, media.public_id).alt
        for name, who in named(six).items()
        if name != "dan"
    }
    assert alts.pop("alice") == "Ada by her car"
    assert alts.pop("carol") == "Ada by her car"
    assert set(alts.values()) == {"By a car"}


# --- seeing as another ---------------------------------------------------------------


def test_see_as_a_person_is_what_the_person_gets(six: People) -> None:
    for audience in EXPECTED:
        media = make_media(six.alice, make_post(six.alice, audience))
        for name in ("bob", "carol", "erin", "frank"):
            person = getattr(six, name)
            seen = access.see_as(six.alice, media.public_id, person)
            if EXPECTED[audience][name] is None:
                assert seen is None
            else:
                assert seen == access.access_media(person, media.public_id)


def test_see_as_takes_a_draft_as_published(six: People) -> None:
    media = make_media(six.alice, make_post(six.alice, "close", published=False))
    carol = access.see_as(six.alice, media.public_id, six.carol)
    assert carol is not None
    assert carol.tier == Tier.NONE
    assert access.see_as(six.alice, media.public_id, six.bob) is None


@pytest.mark.parametrize("tier", Tier)
def test_see_as_a_tier_whatever_the_audience(six: People, tier: Tier) -> None:
    media = make_media(six.alice, make_post(six.alice, "only_me"))
    seen = access.see_as(six.alice, media.public_id, tier)
    assert seen is not None
    assert seen.tier == tier


def test_see_as_shows_nothing_unfinished(six: People) -> None:
    media = make_media(six.alice, state=State.NEEDS_REVIEW)
    assert access.see_as(six.alice, media.public_id, Tier.NONE) is None


def test_only_the_owner_may_see_as(six: People) -> None:
    media = make_media(six.alice)
    for who in (six.bob, six.carol, six.dan, AnonymousUser(), None):
        with pytest.raises(Http404):
            access.see_as(who, media.public_id, Tier.NONE)
        with pytest.raises(Http404):
            access.see_post_as(who, media.post.public_id, Tier.NONE)


def test_a12_only_the_owner_gets_rows_to_change(six: People) -> None:
    media = make_media(six.alice)
    for who in (six.bob, six.carol, six.dan, AnonymousUser(), None):
        with pytest.raises(Http404):
            access.access_own_media(who, media.public_id)
        with pytest.raises(Http404):
            access.access_own_post(who, media.post.public_id)
    with pytest.raises(Http404):
        access.access_own_media(six.alice, uuid.uuid4())


# --- cost ----------------------------------------------------------------------------


@pytest.mark.parametrize("count", [3, 30])
def test_queries_do_not_grow(
    six: People, count: int, django_assert_num_queries: object
) -> None:
    for _ in range(count):
        make_media(six.alice, stored=False)
    with django_assert_num_queries(2):  # type: ignore[operator]
        posts = list(Post.objects.all())
        assert len(access.grants_for(six.bob, posts)) == count
