"""An album's own rules: they hold for its photos, wherever seen, and only ever close."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from gallery import albums
from gallery.models import Media
from gallery.people import floors
from gallery.people.models import AlbumRules
from privacy import decisions
from privacy.core.policy import Rule, RuleSet
from privacy.core.types import Tier, region_id
from privacy.policy_room.yours import HIDES
from tests.factories import PLACES, make_media, make_user, people

pytestmark = pytest.mark.django_db

FACE = region_id(PLACES["face"])
HIDDEN = RuleSet("own", (Rule("face", HIDES["everyone"]),))


@pytest.fixture
def alice() -> User:
    return make_user("alice")


def masked_for(media: Media) -> set[Tier]:
    scan = decisions.current_scan(media.public_id)
    assert scan is not None
    plans = decisions.plans_for(scan)
    return {t for t in Tier if FACE in {r.id for r in plans[t].regions}}


def test_they_hold_while_a_photo_is_in_the_album(alice: User) -> None:
    inside, outside = make_media(alice, stored=False), make_media(alice, stored=False)
    album = albums.make(alice, "Family")
    albums.add(album, [inside])
    assert floors.keep(album, HIDDEN) == 1
    assert masked_for(inside) == set(Tier)
    assert masked_for(outside) == {Tier.FULL}
    albums.add(album, [outside])
    assert masked_for(outside) == set(Tier)
    views = {v.tier: v.plan for v in outside.views.all()}
    scan = decisions.current_scan(outside.public_id)
    assert scan is not None
    plans = decisions.plans_for(scan)
    assert views == {int(t): plans[t].digest for t in Tier}  # made anew at once
    albums.remove(album, [outside])
    assert masked_for(outside) == {Tier.FULL}
    albums.delete(album)
    assert masked_for(inside) == {Tier.FULL}
    assert not AlbumRules.objects.exists()


def test_they_never_open_anything(alice: User) -> None:
    media = make_media(alice, stored=False)
    album = albums.make(alice, "Family")
    albums.add(album, [media])
    scan = decisions.current_scan(media.public_id)
    assert scan is not None
    before = decisions.plans_for(scan)
    open_all = RuleSet("own", tuple(Rule(name, (None, None, None)) for name in PLACES))
    floors.keep(album, open_all)
    after = decisions.plans_for(scan)
    for tier in Tier:
        assert {r.id for r in before[tier].regions} <= {
            r.id for r in after[tier].regions
        }


def test_a_replay_counts_with_them(alice: User) -> None:
    """What a draft would come to is worked out under the album's rules too."""
    media = make_media(alice, stored=False)
    album = albums.make(alice, "Family")
    albums.add(album, [media])
    floors.keep(album, HIDDEN)
    held = decisions.Held(RuleSet("open", (Rule("*", (None, None, None)),)))
    rule = held.of(None, alice.pk, media.public_id).rule_for("face")
    assert rule is not None
    assert all(rule.cells)


def test_the_form_is_the_owners_alone() -> None:
    six = people()
    album = albums.make(six.alice, "Family", "everyone")
    albums.add(album, [make_media(six.alice, stored=False)])
    url = f"/albums/{album.public_id}/rules"
    client = Client()
    client.force_login(six.alice)
    client.post(url, {"hide.face": "everyone", "hide.code": "nonsense"})
    assert AlbumRules.objects.get().body["rules"][0]["category"] == "face"
    assert "hide.face" in client.get(f"/albums/{album.public_id}/").content.decode()
    theirs = Client()
    theirs.force_login(six.carol)
    assert theirs.post(url, {"hide.face": ""}).status_code == 404
    assert "hide.face" not in theirs.get(f"/albums/{album.public_id}/").content.decode()
    client.post(url, {})
    assert not AlbumRules.objects.exists()
