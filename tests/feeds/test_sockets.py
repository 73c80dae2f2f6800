"""``/ws/live``: who may listen, what is heard, and when it falls silent."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.contrib.sessions.models import Session
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import services as people_services
from accounts.models import Closeness, User
from feeds import services
from feeds.groups import group_of
from gallery import events as gallery_events
from gallery.audience import reached
from nopeek_site.asgi import application
from tests.factories import PASSWORD, People, people
from tests.feeds.posts import shown_post

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "accounts.backends.PresentBackend"
WITHIN = 1.0
"""Seconds in which a socket must have fallen silent or closed."""
PATIENCE = 10.0
"""Seconds to wait for what must come, on a busy machine."""

Run = Callable[..., Any]


@pytest.fixture
def them() -> People:
    return people()


def cookie(user: User) -> str:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client.cookies["sessionid"].value


def socket(
    session: str = "",
    *,
    origin: str | None = "http://localhost",
    path: str = "/ws/live",
) -> WebsocketCommunicator:
    headers = [(b"host", b"localhost")]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    if session:
        headers.append((b"cookie", f"sessionid={session}".encode()))
    return WebsocketCommunicator(application, path, headers=headers)


async def opened(user: User) -> WebsocketCommunicator:
    """A socket of ``user`` that has been accepted and stays open."""
    one = socket(await sync_to_async(cookie)(user))
    accepted, _protocol = await one.connect(timeout=5)
    assert accepted
    one.owner = user  # type: ignore[attr-defined] # for the last word, see heard()
    return one


async def heard(one: WebsocketCommunicator) -> list[dict[str, Any]]:
    """All that came until now; a close is ``{"closed": code}``.

    A last word is put in line behind whatever is there, so silence is known and not
    waited for.
    """
    layer = get_channel_layer()
    assert layer is not None
    if owner := getattr(one, "owner", None):
        last = {"type": "nudge", "name": "export.ready", "id": "last", "version": 0}
        await layer.group_send(group_of(owner.public_id), last)
    found: list[dict[str, Any]] = []
    while True:
        output = await one.receive_output(PATIENCE)
        if output["type"] == "websocket.close":
            return [*found, {"closed": output["code"]}]
        message = json.loads(output["text"])
        if message["id"] == "last":
            return found
        found.append(message)


# --- W1, W2, W7: who may listen ------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "http://evil.example",
        "http://sub.localhost",
        "http://localhost.evil.example",
        "http://localhost:9999",
        "file://localhost",
        "javascript:localhost",
    ],
)
async def test_w1_only_our_own_pages_open_a_socket(
    them: People, origin: str | None
) -> None:
    session = await sync_to_async(cookie)(them.alice)
    one = socket(session, origin=origin)
    accepted, _code = await one.connect(timeout=5)
    assert not accepted


@pytest.mark.parametrize("session", ["", "made-up", "x" * 32])
async def test_without_a_login_the_socket_closes_with_4401(
    them: People, session: str
) -> None:
    one = socket(session)
    await one.connect(timeout=5)
    assert await heard(one) == [{"closed": 4401}]


@pytest.mark.parametrize(
    "path",
    [
        "/ws/live?token=abc",
        "/ws/live?group=person.1",
        "/ws/live?sessionid=abc",
    ],
)
async def test_w7_nothing_is_taken_from_the_address(them: People, path: str) -> None:
    one = socket(await sync_to_async(cookie)(them.alice), path=path)
    await one.connect(timeout=5)
    assert await heard(one) == [{"closed": 4400}]


async def test_there_is_one_address(them: People) -> None:
    session = await sync_to_async(cookie)(them.alice)
    for path in ("/ws/live/alice", "/ws/", "/ws/media", f"/ws/{them.bob.public_id}"):
        with pytest.raises((ValueError, AssertionError, asyncio.TimeoutError)):
            await socket(session, path=path).connect(timeout=1)


async def test_w2_asking_for_another_group_ends_the_socket(them: People) -> None:
    one = await opened(them.bob)
    await one.send_to(
        text_data=json.dumps({"subscribe": group_of(them.alice.public_id)})
    )
    assert await heard(one) == [{"closed": 4400}]


def test_w2_group_names_tell_nothing_and_need_the_key(
    them: People, settings: Any
) -> None:
    name = group_of(them.alice.public_id)
    assert str(them.alice.public_id) not in name
    assert them.alice.public_id.hex not in name
    assert name != group_of(them.bob.public_id)
    settings.SECRET_KEY = "another key of this site altogether"
    assert group_of(them.alice.public_id) != name


# --- W3: silence ---------------------------------------------------------------------


async def publish(them: People, audience: str) -> None:
    """alice publishes, as the gallery tells of it."""

    def tell() -> None:
        post = shown_post(them.alice, audience)
        gallery_events.post_published(post, reached(them.alice))

    await sync_to_async(tell)()


FEED = {"type": "feed.changed", "id": "", "version": 0}


async def test_a_follower_hears_of_a_post_and_a_stranger_does_not(
    them: People,
) -> None:
    bob, erin = await opened(them.bob), await opened(them.erin)
    await publish(them, "followers")
    assert await heard(bob) == [FEED]
    assert await heard(erin) == []
    await bob.disconnect()
    await erin.disconnect()


async def test_w4_a_post_for_others_makes_no_sound(them: People) -> None:
    bob, carol = await opened(them.bob), await opened(them.carol)
    await publish(them, "close")
    assert await heard(bob) == []
    assert await heard(carol) == [FEED]
    await bob.disconnect()
    await carol.disconnect()


@pytest.mark.parametrize("how", ["demote", "remove", "block"])
async def test_w3_who_is_put_out_hears_no_more(them: People, how: str) -> None:
    deeds: dict[str, Callable[[], object]] = {
        "demote": lambda: people_services.set_closeness(
            them.alice, them.carol, Closeness.DISTANT
        ),
        "remove": lambda: people_services.remove_follower(them.alice, them.carol),
        "block": lambda: people_services.block(them.alice, them.carol),
    }
    carol = await opened(them.carol)
    await sync_to_async(deeds[how])()
    # One neutral nudge, the same as for any new post (A9); then nothing.
    assert await heard(carol) == [FEED]
    await publish(them, "close")
    assert await heard(carol) == []
    await carol.disconnect()


async def test_w3_an_event_already_on_its_way_is_checked_again(them: People) -> None:
    """The door is asked when the message goes out, not when it was put in line."""
    carol = await opened(them.carol)
    post = await sync_to_async(shown_post)(them.alice, "close")
    layer = get_channel_layer()
    assert layer is not None
    message = {
        "type": "nudge",
        "name": "post.changed",
        "id": str(post.public_id),
        "version": 1,
    }
    await layer.group_send(group_of(them.carol.public_id), message)
    assert await heard(carol) == [FEED]
    await sync_to_async(people_services.block)(them.carol, them.alice)
    await heard(carol)
    await layer.group_send(group_of(them.carol.public_id), message)
    assert await heard(carol) == []
    await carol.disconnect()


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("logout", 4401),
        ("session deleted", 4401),
        ("password", 4401),
        ("password by staff", 4401),
        ("suspend", 4403),
    ],
)
async def test_w3_the_socket_closes_with_the_login(
    them: People, how: str, code: int
) -> None:
    client = Client()
    await sync_to_async(client.force_login)(them.bob, backend=BACKEND)
    one = socket(client.cookies["sessionid"].value)
    await one.connect(timeout=5)

    def change() -> None:
        match how:
            case "logout":
                assert client.post("/accounts/logout/").status_code == 302
            case "session deleted":
                Session.objects.get(pk=client.session.session_key).delete()
            case "password":
                other = Client()
                other.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
                new = "another walk, by a lake"
                form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
                done = other.post("/accounts/password/change/", form)
                assert done.status_code == 302
                assert other.get("/people/").status_code == 200
            case "password by staff":
                them.bob.set_password("set by the staff, once")
                them.bob.save()
            case "suspend":
                people_services.suspend(them.bob)

    await sync_to_async(change)()
    output = await one.receive_output(WITHIN)
    assert (output["type"], output["code"]) == ("websocket.close", code)


async def test_w3_without_a_word_the_next_event_finds_the_login_gone(
    them: People,
) -> None:
    """A session that expired or was deleted in bulk sends no signal."""
    one = await opened(them.bob)
    await sync_to_async(Session.objects.all()._raw_delete)("default")
    await publish(them, "everyone")
    assert await heard(one) == [{"closed": 4401}]


async def test_w3_logging_out_elsewhere_leaves_this_page_open(them: People) -> None:
    here = await opened(them.bob)
    other = Client()
    await sync_to_async(other.force_login)(them.bob, backend=BACKEND)
    await sync_to_async(other.post)("/accounts/logout/")
    assert await heard(here) == []
    await publish(them, "everyone")
    assert await heard(here) == [FEED]
    await here.disconnect()


async def test_a_silent_socket_is_checked_now_and_then(
    them: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.consumers.CHECK_SECONDS", 0.05)
    one = await opened(them.bob)
    await sync_to_async(Session.objects.all()._raw_delete)("default")
    output = await one.receive_output(WITHIN)
    assert (output["type"], output["code"]) == ("websocket.close", 4401)


# --- W4, W6: what is heard -----------------------------------------------------------


async def test_w6_progress_is_for_the_owner_alone(them: People) -> None:
    sockets = {
        name: await opened(getattr(them, name))
        for name in ("alice", "bob", "carol", "erin")
    }

    def scan() -> str:
        media = shown_post(them.alice, published=False, state="scanning").media.get()
        gallery_events.stage(media)
        return str(media.public_id)

    public_id = await sync_to_async(scan)()
    assert await heard(sockets["alice"]) == [
        {"type": "media.stage", "id": public_id, "version": 1}
    ]
    for name in ("bob", "carol", "erin"):
        assert await heard(sockets[name]) == []
    for one in sockets.values():
        await one.disconnect()


async def test_w6_a_forged_event_of_anothers_photo_is_not_passed_on(
    them: People,
) -> None:
    from feeds.notify import nudge

    bob = await opened(them.bob)

    def forge() -> None:
        media = shown_post(them.alice, published=False).media.get()
        nudge("media.stage", [str(them.bob.public_id)], str(media.public_id), 1)

    await sync_to_async(forge)()
    assert await heard(bob) == []
    await bob.disconnect()


async def test_w4_messages_hold_a_type_an_id_and_a_version(them: People) -> None:
    alice = await opened(them.alice)

    def life() -> None:
        post = shown_post(them.alice, caption="a secret caption")
        media = post.media.get()
        gallery_events.stage(media)
        gallery_events.ready(media)
        gallery_events.post_published(post, reached(them.alice))
        gallery_events.post_changed(post, reached(them.alice))
        services.like(them.bob, post.public_id)
        services.comment(them.bob, post.public_id, "secret words")
        people_services.follow(them.erin, them.alice)

    await sync_to_async(life)()
    messages = await heard(alice)
    kinds = {message["type"] for message in messages}
    assert kinds == {"media.stage", "media.ready", "feed.changed", "notification"}
    for message in messages:
        assert set(message) == {"type", "id", "version"}
        assert message["id"] == "" or uuid.UUID(message["id"])
        assert isinstance(message["version"], int)
    await alice.disconnect()


async def test_a_notification_rings_only_for_whom_it_is(them: People) -> None:
    alice, carol = await opened(them.alice), await opened(them.carol)

    def like() -> None:
        services.like(them.bob, shown_post(them.alice).public_id)

    await sync_to_async(like)()
    assert await heard(alice) == [{"type": "notification", "id": "", "version": 0}]
    assert await heard(carol) == []
    await sync_to_async(people_services.mute)(them.alice, them.bob)
    await sync_to_async(like)()
    assert await heard(alice) == [], "the muted ring no bell"
    await alice.disconnect()
    await carol.disconnect()


# --- W5: noise -----------------------------------------------------------------------

FRAMES: list[dict[str, Any]] = [
    {"text_data": "ping"},
    {"text_data": "{" * 10_000},
    {"text_data": "[" * 100_000 + "]" * 100_000},
    {"text_data": "x" * 1024 * 1024},
    {"bytes_data": b"\x00" * 1024 * 1024},
    {"bytes_data": b"\xff\xfe\xc3\x28"},
    {"text_data": '{"type": "nudge", "name": "post.changed"}'},
    {"text_data": '{"type": "websocket.disconnect"}'},
]


@pytest.mark.parametrize("frame", FRAMES, ids=range(len(FRAMES)))
async def test_w5_whoever_talks_is_cut_off(them: People, frame: dict[str, Any]) -> None:
    one = await opened(them.bob)
    await one.send_to(**frame)
    assert await heard(one) == [{"closed": 4400}]


async def test_w5_a_flood_ends_at_its_first_frame(them: People) -> None:
    one = await opened(them.bob)
    for _ in range(10_000):
        await one.send_to(text_data="x")
    output = await one.receive_output(PATIENCE)
    assert (output["type"], output["code"]) == ("websocket.close", 4400)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    text=st.one_of(
        st.text(min_size=1, max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
        ).map(json.dumps),
    )
)
def test_w5_no_words_get_an_answer(them: People, text: str) -> None:
    async def talk() -> None:
        one = await opened(them.bob)
        await one.send_to(text_data=text)
        assert await heard(one) == [{"closed": 4400}]

    asyncio.run(talk())
