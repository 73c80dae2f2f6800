"""Risk in words, what is suggested, and taking it: asked, unasked, and undone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import User
from gallery import editing, suggesting
from gallery.models import Media
from privacy import advice, decisions, words
from privacy.core.score import Score, Strategy
from privacy.core.types import Tier
from privacy.models import Finding, Scan
from tests.factories import PLACES, make_media, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return make_user("alice")


@pytest.fixture
def media(alice: User) -> Media:
    return make_media(alice, stored=False)


def scan_of(media: Media) -> Scan:
    scan = decisions.current_scan(media.public_id)
    assert scan is not None
    return scan


def open_all(media: Media) -> None:
    """As if no rule knew of anything: the owner shows all of it, then forgets why."""
    for region in media_regions(media):
        editing.change(media, region, choice="show", show_from=0, confirmed=True)


def media_regions(media: Media) -> list[str]:
    return list(scan_of(media).findings.values_list("region", flat=True))


def test_words_say_what_is_seen_and_what_it_tells(media: Media) -> None:
    scores = decisions.scores_for(scan_of(media))
    assert words.risk_in_words(Tier.FULL, scores[Tier.FULL]) == (
        "Strangers see nothing of what was found."
    )
    close = words.risk_in_words(Tier.NONE, scores[Tier.NONE])
    assert close.startswith("Close friends still see ")
    assert "1 face" in close
    assert "1 licence plate" in close
    assert "who is in it" in close
    assert "whose car was where" in close
    with translation.override("de"):  # whatever there is of it, it does not fail
        assert words.risk_in_words(Tier.NONE, scores[Tier.NONE])


def test_every_category_tells_something() -> None:
    from privacy.core.taxonomy import all_categories

    assert all(words.tells(category.name) for category in all_categories())
    assert words.tells("text.unheard_of") == words.tells("text")


def test_advice_only_tightens_and_is_enough(media: Media) -> None:
    scan = scan_of(media)
    found = advice.advise(scan)
    assert found.strategy is Strategy.MASK
    assert {step.category for step in found.steps} <= set(PLACES)
    for tier in Tier:
        assert found.after[tier].risk <= found.before[tier].risk
        assert found.after[tier].risk < advice.ENOUGH[tier]
    before = decisions.plans_for(scan)
    suggesting.take(media)
    after = decisions.plans_for(scan_of(media))
    for tier in Tier:
        was = {region.id for region in before[tier].regions}
        assert was <= {region.id for region in after[tier].regions}
    nested = [{r.id for r in after[tier].regions} for tier in Tier]
    assert nested[0] >= nested[1] >= nested[2]
    risks = {
        tier: one.risk for tier, one in decisions.scores_for(scan_of(media)).items()
    }
    assert risks == {tier: one.risk for tier, one in found.after.items()}
    assert advice.advise(scan_of(media)).steps == ()


def test_what_the_owner_decided_is_left_alone(media: Media) -> None:
    open_all(media)
    found = advice.advise(scan_of(media))
    assert found.steps == ()
    assert found.strategy is Strategy.KEEP_PRIVATE
    assert found.after == found.before


def test_it_is_one_edit_and_one_undo(media: Media, alice: User) -> None:
    client = Client()
    client.force_login(alice)
    before = decisions.plans_for(scan_of(media))
    url = f"/share/media/{media.public_id}/suggestion"
    answer = client.post(url, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    taken = answer.json()
    assert taken["taken"] == len(taken["undo"]["changes"]) > 0
    assert decisions.plans_for(scan_of(media)) != before
    undo: dict[str, Any] = taken["undo"] | {"confirmed": True}
    back = client.patch(
        f"/share/media/{media.public_id}/regions",
        json.dumps(undo),
        content_type="application/json",
    )
    assert back.status_code == 200
    assert decisions.plans_for(scan_of(media)) == before


def test_the_form_works_without_scripts_and_for_the_owner_alone(
    media: Media, alice: User
) -> None:
    client = Client()
    client.force_login(alice)
    page = client.get(f"/share/{media.post.public_id}/").content.decode()
    assert "data-suggestion" in page
    assert "What this could tell" in page
    url = f"/share/media/{media.public_id}/suggestion"
    stranger = Client()
    stranger.force_login(make_user("erin"))
    assert stranger.post(url).status_code == 404
    answer = client.post(url, follow=True)
    assert answer.status_code == 200
    assert "data-suggestion" not in answer.content.decode()


def test_nothing_is_taken_unasked_by_default(media: Media) -> None:
    assert suggesting.take_unasked(scan_of(media)) == 0


def test_from_the_chosen_risk_on_it_is_taken_unasked(media: Media, alice: User) -> None:
    worst = max(one.risk for one in decisions.scores_for(scan_of(media)).values())
    assert worst >= 45
    client = Client()
    client.force_login(alice)
    page = "/settings/suggestions/"
    assert client.post(page, {"least": "33"}).status_code == 422
    assert client.post(page, {"least": "45"}).status_code == 302
    assert 'value="45" selected' in client.get(page).content.decode()
    assert suggesting.take_unasked(scan_of(media)) > 0
    rows = Finding.objects.filter(scan=scan_of(media)).exclude(choice="auto")
    assert rows.exists()
    after: dict[Tier, Score] = decisions.scores_for(scan_of(media))
    assert all(after[tier].risk < advice.ENOUGH[tier] for tier in Tier)
    assert suggesting.take_unasked(scan_of(media)) == 0
    client.post(page, {"least": ""})
    assert advice.unasked(alice.pk) is None
