"""The policy room through the front door."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import Closeness, User
from gallery.access import access_media
from gallery.models import TierView
from privacy import decisions, tasks
from privacy.core.policy import looks
from privacy.core.presets import preset
from privacy.core.types import Box, Finding, Tier
from privacy.models import RuleSet
from privacy.policy_room import audit, consent, drafts, matrix, replay
from privacy.policy_room.examples import Place, examples
from privacy.policy_room.models import AuditEntry, Draft, OwnRules
from privacy.services import publish_rules
from tests.factories import make_follow, make_media, make_post, make_user, people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    from gallery import tasks as gallery_tasks

    monkeypatch.setattr(tasks, "enqueue", lambda *_: None)
    for name in ("enqueue_render", "enqueue_advance"):
        monkeypatch.setattr(gallery_tasks, name, lambda *_: None)


@pytest.fixture
def admin() -> User:
    user = make_user("ines", is_staff=True)
    wanted = ("change_ruleset", "view_auditentry")
    user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    return user


@pytest.fixture
def page(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def sent(draft: Draft, **values: object) -> dict[str, object]:
    return {"edition": draft.edition, "reason": "plates are told of", **values}


def plates(severity: str, draft: Draft) -> dict[str, object]:
    return sent(
        draft,
        **{
            "row": "licence_plate",
            "cell.licence_plate.full": "weighed",
            "cell.licence_plate.semi": "weighed",
            "cell.licence_plate.none": "weighed",
            "severity.licence_plate": severity,
        },
    )


def test_whoever_is_no_staff_finds_nothing(admin: User) -> None:
    draft = drafts.begin(admin)
    for user in (
        None,
        make_user("ben"),
        make_user("gone", is_staff=True, is_active=False),
    ):
        client = Client()
        if user is not None:
            client.force_login(user)
        for url in ("/policy/", f"/policy/drafts/{draft.public_id}/", "/policy/log/"):
            assert client.get(url).status_code == 404
            assert client.post(url).status_code in (404, 405)


def test_staff_without_the_permission_may_look_and_not_touch(admin: User) -> None:
    client = Client()
    client.force_login(make_user("olga", is_staff=True))
    draft = drafts.begin(admin)
    assert client.get("/policy/").status_code == 200
    url = f"/policy/drafts/{draft.public_id}/"
    assert b"disabled" in client.get(url).content
    assert client.post(url, plates("0.9", draft)).status_code == 404
    assert client.post(f"{url}apply", {"edition": 1}).status_code == 404
    assert client.post("/policy/versions/1/rollback").status_code == 404
    assert client.get("/policy/log/").status_code == 404


def test_raising_a_severity_closes_the_cells_that_go_by_it(
    page: Client, admin: User
) -> None:
    six = people()
    media = make_media(six.alice)
    before = access_media(six.carol, media.public_id).plan
    page.post("/policy/drafts/")
    draft = Draft.objects.get()
    url = f"/policy/drafts/{draft.public_id}/"
    answer = page.post(url, plates("0.9", draft) | {"then": "replay"})
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert replay.run(draft.replays.get().pk)
    shown = page.get(url).content.decode()
    assert "Licence plates, Close friends: shown → Veil" in shown
    assert '<strong data-figure="less">1</strong>' in shown
    assert access_media(six.carol, media.public_id).plan == before
    for verb in ("submit", "apply"):
        draft.refresh_from_db()
        page.post(url + verb, {"edition": draft.edition})
    live = RuleSet.objects.get(live=True)
    assert (live.version, live.author, live.reason) == (2, admin, "plates are told of")
    assert access_media(six.carol, media.public_id).plan != before
    history = page.get("/policy/").content.decode()
    assert "Licence plates, weight" in history
    page.post("/policy/versions/1/rollback")
    assert decisions.live_rules() == preset("default")
    assert [entry.action for entry in AuditEntry.objects.order_by("number")] == [
        "draft.begun",
        "draft.submitted",
        "rules.published",
        "rules.published",
    ]


def test_a_stale_edition_is_refused_and_said(page: Client, admin: User) -> None:
    draft = drafts.begin(admin)
    url = f"/policy/drafts/{draft.public_id}/"
    assert page.post(url, plates("0.9", draft)).status_code == 302
    late = page.post(url, plates("0.1", draft))
    assert late.status_code == 409
    assert "Somebody changed this draft" in late.content.decode()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"severity.licence_plate": "1.4"}, "a number from 0 to 1"),
        ({"padding.licence_plate": "wide"}, "a number from 0 to 1"),
        ({"severity.licence_plate": "nan"}, "a number from 0 to 1"),
        ({"cell.licence_plate.full": "glitter"}, "choose what is offered"),
        ({"row": "unheard.of"}, "is not a category"),
    ],
)
def test_bad_values_are_named(
    page: Client, admin: User, values: dict[str, str], words: str
) -> None:
    draft = drafts.begin(admin)
    url = f"/policy/drafts/{draft.public_id}/"
    answer = page.post(url, plates("0.9", draft) | values)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    draft.refresh_from_db()
    assert decisions.parsed(draft.body) == preset("default")


def test_what_breaks_the_nesting_is_kept_as_a_draft_and_never_applied(
    page: Client, admin: User
) -> None:
    draft = drafts.begin(admin)
    url = f"/policy/drafts/{draft.public_id}/"
    page.post(
        url,
        plates("0.65", draft)
        | {"cell.licence_plate.full": "show", "cell.licence_plate.none": "veil"},
    )
    draft.refresh_from_db()
    assert "masked more for" in page.get(url).content.decode()
    page.post(f"{url}submit", {"edition": draft.edition})
    draft.refresh_from_db()
    assert draft.state == "open"


def test_a_kind_can_go_by_the_rule_above_it(page: Client, admin: User) -> None:
    draft = drafts.begin(admin)
    url = f"/policy/drafts/{draft.public_id}/"
    page.post(url, sent(draft, **{"row": "text.phone", "inherit.text.phone": "1"}))
    draft.refresh_from_db()
    rules = decisions.parsed(draft.body)
    phone = Finding("text.phone", Box(0, 0, 0.1, 0.1), 0.9, "any")
    text = Finding("text", Box(0, 0, 0.1, 0.1), 0.9, "any")
    assert looks(rules, phone) == looks(rules, text) != looks(preset("default"), phone)
    row = next(row for row in matrix.rows(rules, rules) if row.category == "text.phone")
    assert not row.own


def test_groups_open_without_a_script(page: Client, admin: User) -> None:
    draft = drafts.begin(admin)
    url = f"/policy/drafts/{draft.public_id}/"
    assert 'data-category="object.car"' not in page.get(url).content.decode()
    answer = page.post(url, sent(draft, open="object"))
    assert answer["Location"].endswith("?open=object")
    assert 'data-category="object.car"' in page.get(answer["Location"]).content.decode()


def test_rows_that_are_not_on_the_page_keep_their_rules(
    page: Client, admin: User
) -> None:
    draft = drafts.begin(admin)
    page.post(f"/policy/drafts/{draft.public_id}/", plates("0.9", draft))
    draft.refresh_from_db()
    made = decisions.parsed(draft.body)
    base = preset("default")
    assert len(made.rules) == len(base.rules)
    assert [r for r in made.rules if r not in base.rules] == [
        made.rule_for("licence_plate")
    ]


def test_the_log_is_filtered_and_taken_along(page: Client, admin: User) -> None:
    audit.record("draft.begun", admin, "one", {"n": 1})
    audit.record("rules.published", None, "=cmd()", {"n": 2})
    shown = page.get("/policy/log/?action=draft").content.decode()
    assert "draft.begun" in shown
    assert "rules.published" not in shown
    assert "rules.published" not in page.get("/policy/log/?by=ines").content.decode()
    table = b"".join(page.get("/policy/log/?format=csv")).decode()
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["number"] for row in rows] == ["2", "1"]
    assert rows[0]["subject"] == "'=cmd()"
    lines = b"".join(page.get("/policy/log/?format=jsonl&action=rules")).splitlines()
    assert [json.loads(line)["detail"] for line in lines] == [{"n": 2}]


# --- one's own rules ------------------------------------------------------------------


def test_own_rules_close_what_is_posted_and_open_nothing_of_the_sites() -> None:
    six = people()
    media = make_media(six.alice)
    bobs = make_media(six.bob)
    others = access_media(six.alice, bobs.public_id).plan
    before = {u: access_media(u, media.public_id).plan for u in (six.erin, six.carol)}
    client = Client()
    client.force_login(six.alice)
    client.post("/yours/rules/", {"hide.licence_plate": "everyone"})
    assert access_media(six.erin, media.public_id).plan == before[six.erin]
    assert access_media(six.carol, media.public_id).plan != before[six.carol]
    assert access_media(six.alice, bobs.public_id).plan == others
    shown = client.get("/yours/rules/").content.decode()
    assert "your rule for licence plates" in shown
    assert "the site&#x27;s rule for licence plates" in shown
    # Nothing that a form can say opens what the site closes.
    client.post("/yours/rules/", {"hide.face": "nobody", "hide.text.card": "strangers"})
    assert OwnRules.objects.get(owner=six.alice).body["rules"] == []
    # Opened again it waits for a worker, with the plan that it had before.
    carols = TierView.objects.get(media=media, tier=Tier.NONE)
    assert carols.plan == before[six.carol]


def test_own_rules_hold_for_new_photos_and_through_new_rules_of_the_site() -> None:
    six = people()
    client = Client()
    client.force_login(six.alice)
    client.post("/yours/rules/", {"hide.face": "everyone"})
    media = make_media(six.alice)
    scan = decisions.current_scan(media.public_id)
    assert scan is not None
    publish_rules(preset("viper"))
    face = Finding("face", Box(0, 0, 0.1, 0.1), 0.9, "any")
    assert looks(decisions.rules_for(scan), face)[Tier.NONE] is not None


def test_the_question_is_asked_and_answered_with_one_tap() -> None:
    six = people()
    make_media(six.alice, stored=False)
    publish_rules(preset("viper"), "objects alone")
    client = Client()
    client.force_login(six.alice)
    question = consent.open_question(six.alice)
    assert question is not None
    assert "1 photo of yours keeps" in client.get("/yours/rules/").content.decode()
    other = Client()
    other.force_login(six.bob)
    values = {"question": question.public_id, "agreed": "yes"}
    other.post("/yours/rules/answer", values)
    assert consent.open_question(six.alice) == question
    client.post("/yours/rules/answer", values)
    assert consent.open_question(six.alice) is None
    assert client.post("/yours/rules/answer", {"question": "x"}).status_code == 302


def test_examples_are_what_one_sees_with_what_would_be_covered(
    page: Client, admin: User
) -> None:
    """Each in the version that the reader gets anyway, with places of their own tier."""
    six = people()
    for _ in range(9):
        make_media(six.alice, stored=False)
    hidden = make_media(six.alice, make_post(six.alice, "close"), stored=False)
    page.post("/policy/drafts/")
    draft = Draft.objects.get()
    url = f"/policy/drafts/{draft.public_id}/"
    values = plates("0.9", draft) | {"row": ["licence_plate", "face"]}
    page.post(url, values | {"cell.face.full": "show", "then": "replay"})
    draft.refresh_from_db()
    found = draft.replays.get()
    assert replay.run(found.pk)
    found.refresh_from_db()
    # A stranger sees no plate as it is, and could see the face once its owner agrees.
    shown = examples(admin, found)
    assert len(shown) == 8
    assert hidden.public_id not in {one.grant.public_id for one in shown}
    assert {(one.grant.tier, one.closes) for one in shown} == {(Tier.FULL, ())}
    assert [one.opens for one in shown] == [(Place(5, 10, 25, 35),)] * 8
    body = page.get(url).content.decode()
    assert str(hidden.public_id) not in body
    assert body.count('class="example__opens" x="5.0"') == 8
    # A close friend sees the plate, which would be covered.
    make_follow(admin, six.alice, Closeness.CLOSE)
    shown = examples(admin, found)
    assert {(one.grant.tier, one.opens) for one in shown} == {(Tier.NONE, ())}
    assert [one.closes for one in shown] == [(Place(40, 15, 25, 25),)] * 8
    assert {one.words for one in shown} == {"licence plates"}
