"""What people wish to be told of, by mail as well; and telling alike things as one."""

from __future__ import annotations

import re
from smtplib import SMTPServerDisconnected

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as outbox
from django.test import Client
from django.utils import timezone

from accounts.events import Event
from accounts.models import User
from accounts.services import block
from feeds import mail, notify, tasks
from feeds.models import Notification, Wish
from feeds.services import read_notifications
from feeds.wishes import KIND_OF, KINDS, Wanted, set_wishes, wanted, wishes_of
from gallery.models import Post
from tests.factories import People, make_media, make_post, people

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.PresentBackend"


@pytest.fixture
def them() -> People:
    return people()


@pytest.fixture
def post(them: People) -> Post:
    return make_media(them.alice, make_post(them.alice)).post


@pytest.fixture
def alice(them: People) -> Client:
    client = Client()
    client.force_login(them.alice, backend=BACKEND)
    return client


@pytest.fixture
def posted(settings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Mail is set up; what would be handed to the worker is done on the spot."""
    settings.NOPEEK_SENDS_MAIL = True
    sent: list[str] = []

    def delay(public_id: str) -> None:
        if mail.send(public_id):
            sent.append(public_id)

    monkeypatch.setattr(tasks.mail_notification, "delay", delay)
    return sent


def likes(user: User, post: Post) -> None:
    notify.deliver(
        Event(
            "post.liked",
            (str(post.owner.public_id),),
            str(user.public_id),
            str(post.public_id),
        )
    )


def verified(user: User) -> None:
    EmailAddress.objects.create(
        user=user, email=user.email, verified=True, primary=True
    )


def test_every_verb_that_is_told_belongs_to_one_kind() -> None:
    told = (
        notify.PEOPLE
        | notify.COMMENTS
        | {
            "post.liked",
            "post.mentioned",
            "media.ready",
            "media.stopped",
            "export.ready",
        }
    )
    assert set(KIND_OF) == told == set(mail.SENTENCES)
    assert len(KIND_OF) == sum(len(kind.verbs) for kind in KINDS)


def test_what_is_not_wished_for_is_not_told(them: People, post: Post) -> None:
    set_wishes(them.alice, {"likes": Wanted(in_app=False)})
    likes(them.bob, post)
    assert not Notification.objects.exists()
    set_wishes(them.alice, {"likes": Wanted()})
    likes(them.bob, post)
    assert Notification.objects.get().verb == "post.liked"


def test_the_page_sets_them(them: People, alice: Client) -> None:
    page = alice.get("/settings/notifications/").content.decode()
    assert page.count('name="in_app"') == len(KINDS)
    assert "by_mail" not in page  # no mail server is named
    data = {"in_app": ["likes", "photos"], "by_mail": ["likes"]}
    assert alice.post("/settings/notifications/", data).status_code == 302
    held = wishes_of(them.alice)
    assert {name for name, wish in held.items() if wish.in_app} == {"likes", "photos"}
    assert not any(wish.by_mail for wish in held.values())


def test_mail_is_offered_where_it_is_set_up(
    them: People, alice: Client, settings
) -> None:
    settings.NOPEEK_SENDS_MAIL = True
    assert b"by_mail" in alice.get("/settings/notifications/").content
    data = {"in_app": ["likes"], "by_mail": ["likes", "comments"]}
    alice.post("/settings/notifications/", data)
    assert wanted(them.alice, "post.liked") == Wanted(True, True)
    # Never by mail alone.
    assert wanted(them.alice, "comment.added") == Wanted(False, False)
    # Where the server goes away, the wish stays.
    settings.NOPEEK_SENDS_MAIL = False
    alice.post("/settings/notifications/", {"in_app": ["likes"]})
    assert Wish.objects.get(kind="likes").by_mail


def test_a_mail_says_who_and_nothing_else(
    them: People, post: Post, posted: list[str]
) -> None:
    Post.objects.filter(pk=post.pk).update(caption="zorblat")
    User.objects.filter(pk=them.alice.pk).update(language="en")
    verified(them.alice)
    set_wishes(them.alice, {"likes": Wanted(True, True)})
    likes(them.bob, post)
    (sent,) = outbox.outbox
    assert sent.to == ["alice@example.org"]
    assert sent.subject == "bob likes your post."
    assert "/notifications/" in sent.body
    assert "zorblat" not in sent.body
    assert not sent.attachments
    assert not getattr(sent, "alternatives", [])
    # Twice asked, once sent.
    assert not mail.send(posted[0])
    assert len(outbox.outbox) == 1


@pytest.mark.parametrize(
    "why", ["unverified", "not wished", "read", "blocked", "suspended", "not set up"]
)
def test_when_no_mail_goes_out(
    them: People, post: Post, posted: list[str], settings, why: str
) -> None:
    if why != "unverified":
        verified(them.alice)
    set_wishes(them.alice, {"likes": Wanted(True, why != "not wished")})
    row = Notification.objects.create(
        to=them.alice, verb="post.liked", actor=them.bob, post=post
    )
    match why:
        case "read":
            read_notifications(them.alice)
        case "blocked":
            block(them.alice, them.bob)
        case "suspended":
            User.objects.filter(pk=them.alice.pk).update(suspended_at=timezone.now())
        case "not set up":
            settings.NOPEEK_SENDS_MAIL = False
    assert not mail.send(str(row.public_id))
    assert outbox.outbox == []


def test_a_mail_that_could_not_be_sent_may_be_tried_again(
    them: People, post: Post, posted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    verified(them.alice)
    set_wishes(them.alice, {"likes": Wanted(True, True)})
    row = Notification.objects.create(
        to=them.alice, verb="post.liked", actor=them.bob, post=post
    )

    def away(*_args: object) -> None:
        raise SMTPServerDisconnected

    with monkeypatch.context() as broken:
        broken.setattr(mail, "send_mail", away)
        with pytest.raises(SMTPServerDisconnected):
            mail.send(str(row.public_id))
    assert mail.send(str(row.public_id))
    assert len(outbox.outbox) == 1


# --- bundles ---------------------------------------------------------------------------


def lines(client: Client) -> list[str]:
    page = client.get("/notifications/").content.decode()
    found = re.findall(r'<li class="list__item notification.*?</li>', page, re.DOTALL)
    words = [
        re.sub(r"<(svg|form|span).*?</\1>|<[^>]+>", " ", line, flags=re.DOTALL)
        for line in found
    ]
    return [" ".join(line.split()) for line in words]


def test_alike_things_of_a_day_are_one_line(
    them: People, post: Post, alice: Client
) -> None:
    other = make_media(them.alice, make_post(them.alice)).post
    likes(them.bob, other)
    for user in (them.bob, them.carol, them.frank):
        likes(user, post)
    shown = lines(alice)
    assert len(shown) == 2
    assert "frank and 2 others like your post" in shown[0]
    assert "bob likes your post" in shown[1]


def test_two_people_are_named(them: People, post: Post, alice: Client) -> None:
    likes(them.bob, post)
    likes(them.carol, post)
    (line,) = lines(alice)
    assert "carol and bob like your post" in line


def test_who_is_blocked_since_is_not_counted(
    them: People, post: Post, alice: Client
) -> None:
    likes(them.bob, post)
    likes(them.carol, post)
    block(them.alice, them.carol)
    (line,) = lines(alice)
    assert line.startswith("bob likes your post")


def test_one_line_is_read_and_nothing_else(
    them: People, post: Post, alice: Client
) -> None:
    likes(them.bob, post)
    likes(them.carol, post)
    other = make_media(them.alice, make_post(them.alice)).post
    likes(them.bob, other)
    ids = list(
        Notification.objects.filter(post=post).values_list("public_id", flat=True)
    )
    alice.post("/notifications/read", {"id": [str(one) for one in ids]})
    assert Notification.objects.get(read_at__isnull=True).post == other
    assert alice.post("/notifications/read", {"id": "x"}).status_code == 404


def test_others_notifications_are_not_read_for_them(them: People, post: Post) -> None:
    likes(them.bob, post)
    client = Client()
    client.force_login(them.bob, backend=BACKEND)
    row = Notification.objects.get()
    client.post("/notifications/read", {"id": str(row.public_id)})
    row.refresh_from_db()
    assert row.read_at is None
