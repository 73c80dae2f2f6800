"""What viewers get after the owner, or the rules, changed their mind: R3, R6, R8, I12."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import Http404

from accounts.models import User
from gallery import housekeeping, pipeline
from gallery.access import access_media
from gallery.models import Media, Rendition, TierView
from gallery.replan import replan
from gallery.states import State
from privacy import decisions, review
from privacy.core.api import with_style
from privacy.core.presets import preset
from privacy.core.types import Box, ScanReport, Style, Tier, Treatment
from privacy.core.version import RENDERER_VERSION
from privacy.models import Finding, RuleSet, Scan
from privacy.services import publish_rules
from tests.factories import make_media, make_user, people
from tests.gallery.conftest import Sent, one_stage, ready, scanned

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_user("alice")


def view(media: Media, tier: Tier) -> TierView:
    return TierView.objects.get(media=media, tier=int(tier))


def region_of(media: Media, category: str) -> str:
    found = Finding.objects.get(scan__subject=media.public_id, category=category)
    return found.region


def test_r6_a_drawn_mask_closes_every_tier_from_its_commit_on(
    owner: User, report: ScanReport, sent: Sent
) -> None:
    media = ready(owner, report)
    version, before = media.version, set(media.views.values_list("plan", flat=True))
    review.add_region(media.public_id, Box(0.02, 0.7, 0.3, 0.95))
    waiting = replan(media)
    assert set(waiting) == set(Tier)
    assert media.version == version + 1
    assert media.state == State.READY
    assert not TierView.objects.filter(media=media, ready=True).exists()
    pipeline.render_tiers(media.public_id)
    views = TierView.objects.filter(media=media, ready=True)
    assert views.count() == 3
    assert before.isdisjoint(views.values_list("plan", flat=True))
    assert {one.placeholder != "" for one in views} == {True}


def test_a_change_sends_one_message_after_the_commit(
    owner: User, sent: Sent, django_capture_on_commit_callbacks
) -> None:
    media = make_media(owner)
    with django_capture_on_commit_callbacks(execute=True):
        review.add_region(media.public_id, Box(0.1, 0.6, 0.4, 0.9))
        replan(media)
        assert sent == []
    assert sent == [("render_media", str(media.public_id))]


def test_only_the_tiers_that_change_close(owner: User) -> None:
    media = make_media(owner)
    before = {tier: view(media, tier).plan for tier in Tier}
    face = region_of(media, "face")  # by the rules hidden from FULL alone
    review.set_style(media.public_id, [face], "fill")
    assert replan(media) == (Tier.FULL,)
    assert view(media, Tier.SEMI).ready
    assert view(media, Tier.SEMI).plan == before[Tier.SEMI]
    assert view(media, Tier.NONE).ready
    review.set_choice(media.public_id, face, "hide")
    assert set(replan(media)) == set(Tier)


def test_a_plan_that_another_tier_has_published_opens_at_once(
    owner: User, sent: Sent
) -> None:
    media = make_media(owner)
    plate = region_of(media, "licence_plate")  # hidden from FULL and SEMI
    review.set_choice(media.public_id, plate, "show", Tier.SEMI)
    assert replan(media) == ()
    semi, none = view(media, Tier.SEMI), view(media, Tier.NONE)
    assert semi.ready
    assert semi.plan == none.plan
    assert semi.placeholder == none.placeholder
    assert view(media, Tier.FULL).plan != semi.plan


def test_nothing_changes_where_the_plans_come_to_the_same(
    owner: User, sent: Sent
) -> None:
    media = make_media(owner)
    version = media.version
    card = region_of(media, "text.card")
    review.set_choice(media.public_id, card, "hide")  # as the rules do anyway
    assert replan(media) == ()
    media.refresh_from_db()
    assert media.version == version
    assert sent == []


def test_r3_a_render_for_an_older_plan_opens_nothing(
    owner: User, report: ScanReport, monkeypatch: pytest.MonkeyPatch, sent: Sent
) -> None:
    media = ready(owner, report)
    review.add_region(media.public_id, Box(0.02, 0.7, 0.3, 0.95))
    replan(media)
    checked = pipeline.checked

    def and_the_owner_goes_on(*args: object) -> object:
        result = checked(*args)  # type: ignore[arg-type]
        review.add_region(media.public_id, Box(0.6, 0.02, 0.9, 0.2))
        replan(media)
        return result

    monkeypatch.setattr(pipeline, "checked", and_the_owner_goes_on)
    pipeline.render_tiers(media.public_id)
    assert not TierView.objects.filter(media=media, ready=True).exists()
    monkeypatch.undo()
    pipeline.render_tiers(media.public_id)
    assert TierView.objects.filter(media=media, ready=True).count() == 3


def test_a_change_before_the_end_of_the_line_is_taken_along(
    owner: User, report: ScanReport
) -> None:
    media = scanned(owner, report)
    review.add_region(media.public_id, Box(0.02, 0.7, 0.3, 0.95))
    replan(media)
    pipeline.advance(media.public_id)
    media.refresh_from_db()
    assert media.state == State.READY
    drawn = Finding.objects.get(manual=True).region
    scan = decisions.current_scan(media.public_id)
    assert scan is not None
    for plan in decisions.plans_for(scan).values():
        assert drawn in {region.id for region in plan.regions}


def test_needs_review_goes_on_after_a_change_only_if_all_checks_ran(
    owner: User, report: ScanReport, sent: Sent
) -> None:
    media = scanned(owner, report)
    Media.objects.filter(pk=media.pk).update(state=State.NEEDS_REVIEW)
    Scan.objects.update(complete=False)
    review.add_region(media.public_id, Box(0.02, 0.7, 0.3, 0.95))
    replan(media)
    assert media.state == State.NEEDS_REVIEW
    Scan.objects.update(complete=True)
    replan(media)
    assert media.state == State.DECIDING


def test_before_the_scan_there_is_nothing_to_plan(owner: User) -> None:
    media = make_media(owner, state=State.UPLOADED)
    assert replan(media) == ()


def test_new_rules_hold_for_everything_from_their_commit_on(sent: Sent) -> None:
    six = people()
    media = make_media(six.alice)
    before = {tier: view(media, tier).plan for tier in Tier}
    assert access_media(six.carol, media.public_id).plan == before[Tier.NONE]
    publish_rules(preset("strict"), "faces for close friends only")
    # These hide a plate from close friends and a face from followers, which others
    # see so already: the renditions are there.
    assert access_media(six.carol, media.public_id).plan == before[Tier.SEMI]
    assert access_media(six.bob, media.public_id).plan == before[Tier.FULL]
    fill = with_style(preset("default"), Treatment(Style.FILL))
    publish_rules(fill)
    assert not TierView.objects.filter(media=media, ready=True).exists()
    with pytest.raises(Http404):
        access_media(six.carol, media.public_id)
    assert RuleSet.objects.filter(live=True).count() == 1
    assert RuleSet.objects.order_by("-version")[0].version >= 2


def test_k10_what_an_older_renderer_made_is_made_anew(
    owner: User, report: ScanReport
) -> None:
    media = ready(owner, report)
    TierView.objects.filter(media=media).update(renderer="older")
    Rendition.objects.filter(media=media).update(renderer="older")
    pipeline.render_tiers(media.public_id)
    views = TierView.objects.filter(media=media, ready=True, renderer=RENDERER_VERSION)
    assert views.count() == 3
    for one in views:
        files = media.renditions.filter(plan=one.plan, renderer=RENDERER_VERSION)
        assert files.count() == 8


def test_rules_published_on_the_way_to_the_end_are_kept(
    owner: User, report: ScanReport, settings
) -> None:
    media = scanned(owner, report)
    one_stage(media, State.DECIDING)
    settings.NOPEEK_ON_RULES = []  # as if the Media had slipped through between
    publish_rules(with_style(preset("default"), Treatment(Style.FILL)))
    pipeline.advance(media.public_id)
    media.refresh_from_db()
    assert media.state == State.READY
    scan = decisions.current_scan(media.public_id)
    assert scan is not None
    plans = decisions.plans_for(scan)
    for tier in Tier:
        assert view(media, tier).plan == plans[tier].digest
        assert {r.treatment.style for r in plans[tier].regions} == {Style.FILL}


def test_i12_toggling_a_mask_off_and_on_gives_the_same_plan(owner: User) -> None:
    media = make_media(owner)
    before = {tier: view(media, tier).plan for tier in Tier}
    face = region_of(media, "face")
    review.set_choice(media.public_id, face, "show", Tier.FULL)
    replan(media)
    review.set_choice(media.public_id, face, "auto")
    replan(media)
    assert {tier: view(media, tier).plan for tier in Tier} == before


def test_what_no_tier_sees_any_more_is_swept(owner: User) -> None:
    media = make_media(owner)
    old = view(media, Tier.FULL).plan
    review.set_choice(media.public_id, region_of(media, "face"), "show", Tier.FULL)
    replan(media)
    assert Rendition.objects.filter(plan=old).exists()  # a download may be going on
    long_ago = media.created_at - 2 * housekeeping.GRACE - timedelta(seconds=1)
    Rendition.objects.update(created_at=long_ago)
    housekeeping.drop_unused_renditions()
    assert not Rendition.objects.filter(plan=old).exists()
    assert Rendition.objects.filter(plan=view(media, Tier.SEMI).plan).exists()
