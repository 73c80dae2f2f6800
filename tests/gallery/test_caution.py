"""Who asks for more masking gets it, for old photos and new ones, and can take it back."""

from __future__ import annotations

import pytest

from accounts.models import Caution
from accounts.services import update_profile
from gallery.access import access_media
from gallery.models import Media
from privacy import decisions
from privacy.core.types import Tier
from tests.factories import make_media, make_post, people

pytestmark = pytest.mark.django_db


def masked(media: Media) -> dict[Tier, set[str]]:
    scan = decisions.current_scan(media.public_id)
    assert scan is not None
    plans = decisions.plans_for(scan)
    return {
        tier: {region.id for region in plan.regions} for tier, plan in plans.items()
    }


def test_each_tier_then_sees_what_the_stricter_one_would() -> None:
    six = people()
    media = make_media(six.alice, make_post(six.alice))
    before = masked(media)
    assert before[Tier.NONE] < before[Tier.SEMI] < before[Tier.FULL]
    update_profile(six.alice, caution=Caution.STRICT.value)
    after = masked(media)
    for tier in Tier:
        assert after[tier] >= before[tier]
    assert after[Tier.SEMI] == before[Tier.FULL]
    assert after[Tier.NONE] == before[Tier.SEMI]
    # Nobody else's photos are touched.
    other = make_media(six.bob, make_post(six.bob))
    assert masked(other)[Tier.NONE] == before[Tier.NONE]


def test_old_photos_close_at_once() -> None:
    """What carol now gets is rendered already: it is what bob got before."""
    six = people()
    media = make_media(six.alice, make_post(six.alice))
    bobs = access_media(six.bob, media.public_id).plan
    carols = access_media(six.carol, media.public_id).plan
    update_profile(six.alice, caution=Caution.STRICT.value)
    grant = access_media(six.carol, media.public_id)
    assert grant.tier == Tier.NONE
    assert grant.plan == bobs != carols
    assert access_media(six.bob, media.public_id).plan not in (bobs, carols)


def test_it_can_be_taken_back() -> None:
    six = people()
    media = make_media(six.alice, make_post(six.alice))
    before = masked(media)
    update_profile(six.alice, caution=Caution.STRICT.value)
    update_profile(six.alice, caution=Caution.SITE.value)
    assert masked(media) == before


def test_another_setting_makes_nothing_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    six = people()
    media = make_media(six.alice, make_post(six.alice))
    version = media.version
    update_profile(six.alice, first_audience="close", bio="new")
    media.refresh_from_db()
    assert media.version == version
