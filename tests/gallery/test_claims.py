"""B11, and who is shown: a request to be masked adds protection, tells nothing, and is
answered once its contact is proved."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from feeds.models import Notification
from gallery import editing, services
from gallery.models import Media, TierView
from privacy import tasks
from privacy.claims.models import Claim
from privacy.models import Finding
from tests.factories import make_media, make_post, make_user

pytestmark = pytest.mark.django_db
GIVEN = {"contact": "wim@example.org", "words": "the one with the hat", "at_once": "on"}
FIELDS = ["0", "9"]  # two rows and columns of eight: a sixteenth of the picture


@pytest.fixture
def ana() -> User:
    return make_user("ana")


@pytest.fixture
def media(ana: User) -> Media:
    return make_media(ana, make_post(ana, "everyone"), stored=False)


@pytest.fixture
def mails(settings) -> None:
    settings.NOPEEK_SENDS_MAIL = True


@pytest.fixture
def noor() -> Client:
    user = make_user("noor", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="change_report"))
    client = Client()
    client.force_login(user)
    return client


def by(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def asked(media: Media, **more: object) -> object:
    values = {**GIVEN, "field": FIELDS, **more}
    return Client().post(f"/m/{media.public_id}/mask-me", values)


def link_in_mail() -> str:
    found = re.search(r"/mask-me/[\w-]+/", str(mail.outbox[-1].body))
    assert found
    return found[0]


def plans(media: Media) -> set[str]:
    return set(TierView.objects.filter(media=media).values_list("plan", flat=True))


def test_the_form_is_reached_without_an_account_and_without_scripts(
    media: Media,
) -> None:
    post = Client().get(f"/p/{media.post.public_id}/").content.decode()
    assert f"/m/{media.public_id}/mask-me" in post
    page = Client().get(f"/m/{media.public_id}/mask-me").content.decode()
    assert page.count('type="checkbox" name="field"') == 64
    assert "data-module" not in page.partition("<main")[2].partition("</main")[0]
    assert Client().get("/mask-me/").status_code == 200


def test_only_a_confirmed_address_masks(
    media: Media, ana: User, mails: None, django_capture_on_commit_callbacks
) -> None:
    before = plans(media)
    answer = asked(media)
    assert answer.status_code == 200
    assert "mask-me/" not in re.sub(r'action="[^"]*"', "", answer.content.decode())
    assert plans(media) == before, "nothing happens before the address is confirmed"
    assert not Notification.objects.exists()
    link = link_in_mail()
    assert mail.outbox[-1].to == ["wim@example.org"]
    # To fetch the page, as mail scanners do, confirms nothing.
    assert "Yes, this was me" in Client().get(link).content.decode()
    assert plans(media) == before
    with django_capture_on_commit_callbacks(execute=True):
        Client().post(link, {"verb": "confirm"})
    row = Claim.objects.get()
    assert (row.state, row.proof) == ("waiting", "mail")
    assert plans(media) != before, "masked at once"
    finding = Finding.objects.get(manual=True)
    assert (finding.x0, finding.y0, finding.x1, finding.y1) == (0, 0, 0.25, 0.25)
    told = Notification.objects.get()
    assert (told.to, told.verb, told.actor) == (ana, "mask.asked", None)
    shown = by(ana).get("/yours/asked/").content.decode()
    assert "the one with the hat" in shown
    assert "wim@example.org" not in shown
    assert "wim@example.org" not in by(ana).get("/notifications/").content.decode()


def test_a_large_place_waits_for_its_owner(media: Media, mails: None) -> None:
    before = plans(media)
    asked(media, field=["0", "63"])
    Client().post(link_in_mail(), {"verb": "confirm"})
    assert Claim.objects.get().state == "waiting"
    assert plans(media) == before


def test_no_opens_what_was_covered_and_the_site_may_bind(
    media: Media, ana: User, mails: None, noor: Client
) -> None:
    before = plans(media)
    asked(media)
    link = link_in_mail()
    Client().post(link, {"verb": "confirm"})
    row = Claim.objects.get()
    covered = plans(media)
    # Somebody else cannot answer, and a no without a reason is none.
    by(make_user("ben")).post("/yours/asked/", {"claim": row.public_id, "verb": "no"})
    by(ana).post("/yours/asked/", {"claim": row.public_id, "verb": "no"})
    assert Claim.objects.get().state == "waiting"
    assert plans(media) == covered
    values = {"claim": row.public_id, "verb": "no", "why": "That is a statue."}
    by(ana).post("/yours/asked/", values)
    assert plans(media) == before
    page = Client().get(link).content.decode()
    assert "That is a statue." in page
    assert "ana" not in page.partition("<main")[2].partition("</main")[0]
    Client().post(link, {"verb": "appeal"})
    assert Claim.objects.get().state == "appealed"
    assert "That is a statue." in noor.get("/policy/claims/").content.decode()
    url = f"/policy/claims/{row.public_id}/decide"
    noor.post(url, {"verb": "mask", "why": "It is a person."})
    row.refresh_from_db()
    assert row.state == "upheld"
    assert plans(media) == covered, "the same place gives the same plan"
    media.refresh_from_db()
    for attempt in (
        lambda: editing.remove(media, row.region, confirmed=True),
        lambda: editing.change(media, row.region, choice="show", confirmed=True),
    ):
        with pytest.raises(services.Refused, match="asked to be masked"):
            attempt()
    assert plans(media) == covered


def test_without_mail_it_is_queued_and_marked(
    media: Media, ana: User, noor: Client
) -> None:
    before = plans(media)
    answer = asked(media)
    assert answer.status_code == 302
    assert (
        "A moderator looks at it" in Client().get(answer["Location"]).content.decode()
    )
    assert plans(media) == before
    assert not Notification.objects.exists()
    assert "the one with the hat" not in by(ana).get("/yours/asked/").content.decode()
    queue = noor.get("/policy/claims/").content.decode()
    assert "contact unproved" in queue
    row = Claim.objects.get()
    noor.post(f"/policy/claims/{row.public_id}/decide", {"verb": "pass"})
    assert "the one with the hat" in by(ana).get("/yours/asked/").content.decode()
    by(ana).post("/yours/asked/", {"claim": row.public_id, "verb": "mask"})
    assert Claim.objects.get().state == "masked"
    assert plans(media) != before


def test_an_account_is_a_contact(media: Media) -> None:
    ben = make_user("ben")
    answer = by(ben).post(f"/m/{media.public_id}/mask-me", {"field": FIELDS})
    assert answer.status_code == 302
    assert Claim.objects.get().proof == "account"


@pytest.mark.parametrize("audience", ["only_me", "close"])
def test_who_may_not_see_it_learns_nothing(
    ana: User, mails: None, audience: str
) -> None:
    """One answer for what is hidden and for what does not exist: page, row and mail."""
    hidden = make_media(ana, make_post(ana, audience), stored=False)
    bodies, rows, sent = [], [], []
    for subject in (hidden.public_id, uuid.uuid4()):
        page = Client().get(f"/m/{subject}/mask-me")
        form = Client().post("/mask-me/", {**GIVEN, "link": f"/m/{subject}/"})
        link = link_in_mail()
        Client().post(link, {"verb": "confirm"})
        status = Client().get(link)
        secret = link.split("/")[-2]
        bodies.append(
            [
                (page.status_code, _plain(page.content, subject, secret)),
                (form.status_code, _plain(form.content, subject, secret)),
                (status.status_code, _plain(status.content, subject, secret)),
            ]
        )
        row = Claim.objects.get(subject=subject)
        rows.append((row.state, row.owner_id, row.seen, row.region))
        sent.append(mail.outbox[-1].subject)
    for one, other in zip(*bodies, strict=True):
        assert one[0] == other[0]
        assert one[1].splitlines() == other[1].splitlines()
    assert rows[0] == rows[1] == ("waiting", None, False, "")
    assert sent[0] == sent[1]
    assert not Notification.objects.exists()


def _plain(body: bytes, subject: uuid.UUID, secret: str) -> str:
    text = body.decode().replace(str(subject), "ID").replace(secret, "SECRET")
    text = re.sub(r"[A-Za-z0-9]{64}", "TOKEN", text)
    text = re.sub(r'(nonce|value|content)="[\w+/=-]{16,}"', r"\1", text)
    return re.sub(r"\d\d:\d\d(:\d\d)?[^<\"]*", "TIME", text)


def test_b11_requests_are_limited_by_place_contact_and_picture(
    media: Media, ana: User, mails: None
) -> None:
    for _ in range(5):
        assert asked(media).status_code == 200
    answer = asked(media)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    # From elsewhere the same contact is limited as well.
    values = {**GIVEN, "field": FIELDS}
    url = f"/m/{media.public_id}/mask-me"
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert Client().post(url, values, **elsewhere).status_code == 429
    other = values | {"contact": "ida@example.org"}
    assert Client().post(url, other, **elsewhere).status_code == 200
    Claim.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    assert asked(media).status_code == 200


def test_the_contact_is_forgotten(media: Media, ana: User, mails: None) -> None:
    asked(media)
    Client().post(link_in_mail(), {"verb": "confirm"})
    row = Claim.objects.get()
    by(ana).post("/yours/asked/", {"claim": row.public_id, "verb": "mask"})
    asked(media, contact="ida@example.org")
    Claim.objects.filter(state="masked").update(
        answered_at=timezone.now() - timedelta(days=31)
    )
    Claim.objects.filter(state="unconfirmed").update(
        created_at=timezone.now() - timedelta(days=3)
    )
    tasks.forget_events()
    assert [one.contact for one in Claim.objects.all()] == [""]
