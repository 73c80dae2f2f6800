"""New rules over what is posted: foreseen, applied, asked about, rolled back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.http import Http404

from accounts.models import User
from feeds.models import Notification
from gallery.access import access_media
from gallery.models import Media, Rendition, TierView
from gallery.rules import rules_changed
from privacy import decisions
from privacy.core.policy import RuleSet
from privacy.core.presets import preset
from privacy.core.types import Style, Treatment
from privacy.core.whatif import Tally
from privacy.models import RuleSet as RuleSetRow
from privacy.models import Scan
from privacy.policy_room import consent, drafts, replay, rollout
from privacy.policy_room.foresee import chunks, outcomes
from privacy.policy_room.models import Consent, Draft, Rollout
from privacy.services import Effects, Outdated, publish_rules
from tests.factories import make_follow, make_media, make_post, make_user, people

pytestmark = pytest.mark.django_db
VEIL = Treatment(Style.VEIL)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch, sent) -> None:
    from privacy import tasks

    monkeypatch.setattr(tasks, "enqueue", lambda *_: None)


def with_cells(rules: RuleSet, category: str, *cells: Treatment | None) -> RuleSet:
    return RuleSet(
        rules.name,
        tuple(
            replace(rule, cells=cells) if rule.category == category else rule
            for rule in rules.rules
        ),
    )


PLATES = with_cells(preset("default"), "licence_plate", VEIL, VEIL, VEIL)
OPEN = with_cells(preset("default"), "face", None, None, None)


def plans() -> dict[tuple[str, int], str]:
    rows = TierView.objects.values_list("media__public_id", "tier", "plan")
    return {(str(subject), tier): plan for subject, tier, plan in rows}


def served(media: Media) -> dict[tuple[str, str, str], str]:
    """What is stored for the plans of a media, by plan, size and format."""
    views = TierView.objects.filter(media=media).values("plan")
    rows = Rendition.objects.filter(media=media, plan__in=views)
    return {(r.plan, r.size, r.format): r.sha256 for r in rows}


def drafted(rules: RuleSet, by: User) -> Draft:
    draft = drafts.begin(by, rules, "plates are told of")
    return drafts.submit(draft, draft.edition, by)


def applied(rules: RuleSet, by: User) -> RuleSetRow:
    draft = drafted(rules, by)
    return drafts.apply(draft, draft.edition, by)


def test_the_predicted_diff_is_the_applied_diff() -> None:
    six = people()
    admin = make_user("admin_", is_staff=True)
    for audience in ("everyone", "followers", "close"):
        make_media(six.alice, make_post(six.alice, audience), stored=False)
    make_media(six.bob, make_post(six.bob, published=False), stored=False)
    draft = drafted(PLATES, admin)
    row = replay.begin(draft)
    assert replay.run(row.pk, size=2)
    row.refresh_from_db()
    old = decisions.Held(decisions.live_rules())
    new = decisions.Held(PLATES)
    foreseen = {
        (str(one.scan.subject), int(change.tier)): change.after
        for scans in chunks()
        for one in outcomes(scans, old, new)
        for change in one.at_once
    }
    before = plans()
    drafts.apply(draft, draft.edition, admin)
    after = plans()
    assert {key: after[key] for key in after if after[key] != before[key]} == foreseen
    assert set(row.touched) == {subject for subject, _tier in foreseen}
    tally = Tally.from_json(row.at_once)
    assert tally.regions == {("none", "less", "licence_plate"): 4}
    assert row.state == "done"
    assert len(row.posts["now.less"]) == 4
    assert row.people == {"now.less.none": 1}  # carol; the draft reaches nobody


def test_only_those_who_saw_it_lose_it_and_at_once() -> None:
    six = people()
    media = make_media(six.alice)
    before = {
        user: access_media(user, media.public_id).plan for user in (six.bob, six.erin)
    }
    carols = access_media(six.carol, media.public_id).plan
    applied(PLATES, six.bob)
    for user, plan in before.items():
        assert access_media(user, media.public_id).plan == plan
    # A plate and a card are what followers have masked: the rendition is there.
    assert access_media(six.carol, media.public_id).plan == before[six.bob] != carols


def test_rolled_back_the_same_bytes_go_out_again() -> None:
    six = people()
    media = make_media(six.alice)
    before, bytes_before = plans(), served(media)
    version = RuleSetRow.objects.get(live=True).version
    applied(PLATES, six.bob)
    assert plans() != before
    drafts.roll_back(version, six.bob)
    assert plans() == before
    # What is ready is attacked once more before it goes out; nothing is drawn anew.
    assert served(media) == bytes_before
    assert not Consent.objects.exists()  # it was posted under these rules


def test_looser_rules_open_nothing_without_the_owner() -> None:
    six = people()
    media = make_media(six.alice)
    make_follow(six.alice, six.erin)
    before = plans()
    applied(OPEN, six.bob)
    assert plans() == before
    question = consent.open_question(six.alice)
    assert question is not None
    assert question.pictures == 1
    assert consent.open_question(six.bob) is None
    assert not consent.answer(six.bob, question.public_id, agreed=True)
    assert plans() == before
    assert consent.answer(six.alice, question.public_id, agreed=True)
    opened = plans()
    assert opened != before
    assert opened[str(media.public_id), 1] != before[str(media.public_id), 0]
    assert not consent.answer(six.alice, question.public_id, agreed=True)


def test_a_no_is_kept_through_later_changes() -> None:
    six = people()
    make_media(six.alice, stored=False)
    before = plans()
    applied(OPEN, six.bob)
    question = consent.open_question(six.alice)
    assert question is not None
    consent.answer(six.alice, question.public_id, agreed=False)
    applied(with_cells(OPEN, "object.car", VEIL, VEIL, VEIL), six.bob)
    assert plans() == before


def test_a_late_yes_to_rules_that_hold_no_longer_opens_nothing() -> None:
    six = people()
    make_media(six.alice, stored=False)
    before = plans()
    applied(OPEN, six.bob)
    question = consent.open_question(six.alice)
    assert question is not None
    publish_rules(preset("default"))
    assert not consent.answer(six.alice, question.public_id, agreed=True)
    assert plans() == before


def test_owners_are_told(django_capture_on_commit_callbacks) -> None:
    six = people()
    make_media(six.alice, stored=False)
    with django_capture_on_commit_callbacks(execute=True):
        applied(OPEN, six.bob)
    told = Notification.objects.filter(verb="rules.asked")
    assert [row.to for row in told] == [six.alice]


def test_what_is_posted_under_stricter_rules_is_asked_about_after_a_rollback() -> None:
    six = people()
    version = RuleSetRow.objects.get(live=True).version
    applied(PLATES, six.bob)
    media = make_media(six.alice)
    held = access_media(six.carol, media.public_id).plan
    drafts.roll_back(version, six.bob)
    assert access_media(six.carol, media.public_id).plan == held
    assert consent.open_question(six.alice) is not None


def test_a_draft_that_nobody_has_seen_follows_the_rules_both_ways() -> None:
    six = people()
    media = make_media(six.alice, make_post(six.alice, published=False), stored=False)
    before = plans()
    applied(OPEN, six.bob)
    assert plans() != before
    assert consent.open_question(six.alice) is None
    live = RuleSetRow.objects.get(live=True)
    assert Scan.objects.get(subject=media.public_id).floor_id == live.pk


def test_a_new_scan_keeps_what_was_agreed_to() -> None:
    six = people()
    media = make_media(six.alice, stored=False)
    floor = Scan.objects.get(subject=media.public_id).floor_id
    applied(OPEN, six.bob)
    Scan.objects.filter(subject=media.public_id).update(current=False)
    again = Scan.objects.create(
        subject=media.public_id, owner=six.alice, width=9, height=9
    )
    assert again.floor_id == floor


def test_another_look_goes_out_in_stages_and_can_be_paused() -> None:
    six = people()
    media = [make_media(six.alice, stored=False) for _ in range(30)]
    fill = RuleSet(
        "default",
        tuple(
            replace(
                rule, cells=tuple(cell and Treatment(Style.FILL) for cell in rule.cells)
            )
            for rule in preset("default").rules
        ),
    )
    before = plans()
    row = applied(fill, six.bob)
    held = Rollout.objects.get(ruleset=row)
    assert (held.total, held.goal) == (30, 1)
    assert plans() == before
    # What waits is seen as before meanwhile.
    assert access_media(six.carol, media[0].public_id)
    assert rollout.unfinished() == [held.pk]
    assert not rollout.step(held.pk)
    assert (
        len(
            {
                subject
                for (subject, _t), p in plans().items()
                if p not in before.values()
            }
        )
        == 1
    )
    rollout.pause(held, six.bob, paused=True)
    assert rollout.unfinished() == []
    assert not rollout.step(held.pk)
    rollout.go_on(held, six.bob)
    rollout.step(held.pk)
    held.refresh_from_db()
    assert (held.share, held.done) == (10, 3)
    rollout.go_on(held, six.bob)
    while rollout.step(held.pk):
        pass
    held.refresh_from_db()
    assert (held.done, held.waiting) == (30, [])
    assert not set(plans().values()) & set(before.values())


def test_r8_two_people_at_one_draft_never_overwrite_each_other() -> None:
    one, other = make_user("one_"), make_user("other_")
    draft = drafts.begin(one)
    seen = draft.edition
    drafts.change(draft, PLATES, "plates", seen, one)
    with pytest.raises(Outdated):
        drafts.change(draft, OPEN, "faces", seen, other)
    draft.refresh_from_db()
    assert decisions.parsed(draft.body) == PLATES


def test_r8_of_two_drafts_from_one_version_the_second_is_refused() -> None:
    admin = make_user("admin_")
    first, second = drafted(PLATES, admin), drafted(OPEN, admin)
    drafts.apply(first, first.edition, admin)
    with pytest.raises(Outdated):
        drafts.apply(second, second.edition, admin)
    assert decisions.live_rules() == PLATES


def test_a_second_person_approves_where_that_is_set(settings) -> None:
    settings.NOPEEK_TWO_PEOPLE = True
    one, other = make_user("one_"), make_user("other_")
    draft = drafted(PLATES, one)
    with pytest.raises(drafts.Refused):
        drafts.apply(draft, draft.edition, one)
    with pytest.raises(drafts.Refused):
        drafts.approve(draft, draft.edition, one)
    draft = drafts.approve(draft, draft.edition, other)
    # Changed once more, it needs approval once more.
    draft = drafts.change(draft, OPEN, "faces", draft.edition, one)
    with pytest.raises(drafts.Refused):
        drafts.apply(draft, draft.edition, one)
    draft = drafts.submit(draft, draft.edition, one)
    draft = drafts.approve(draft, draft.edition, other)
    row = drafts.apply(draft, draft.edition, one)
    assert row.approved_by == str(other.public_id)


def test_a_cancelled_replay_counts_no_further() -> None:
    six = people()
    for _ in range(4):
        make_media(six.alice, stored=False)
    draft = drafts.begin(six.bob, PLATES)
    row = replay.begin(draft)
    assert not replay.run(row.pk, patience=0, size=2)
    row.refresh_from_db()
    assert row.at_once["replayed"] == 2
    replay.cancel(draft)
    assert replay.run(row.pk, size=2)
    row.refresh_from_db()
    assert (row.state, row.at_once["replayed"]) == ("cancelled", 2)
    again = replay.begin(draft)
    replay.run(again.pk, size=1)
    again.refresh_from_db()
    assert (again.state, again.at_once["replayed"]) == ("done", 4)


def test_media_before_their_scan_are_left_alone() -> None:
    effects = Effects()
    rules_changed(preset("default"), PLATES, effects)
    assert (effects.now, effects.later) == ([], [])
    with pytest.raises(Http404):
        access_media(None, make_media(make_user("zoe_")).post.public_id)
