"""The settings, the presets, the first run, and when a device was last seen."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Caution, FirstAudience, User
from accounts.presets import BY_NAME, PRESETS, preset_of
from accounts.templatetags.portraits import CHOICES, portrait
from gallery import services
from gallery.models import Audience
from tests.factories import PASSWORD, make_media, make_post, make_user

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.PresentBackend"
PAGES = (
    "/settings/",
    "/settings/profile/",
    "/settings/privacy/",
    "/settings/language/",
    "/settings/appearance/",
    "/settings/blocked/",
    "/settings/notifications/",
    "/settings/data/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/sessions/",
)


@pytest.fixture
def bob() -> User:
    return make_user("bob")


@pytest.fixture
def client(bob: User) -> Client:
    client = Client()
    client.force_login(bob, backend=BACKEND)
    return client


@pytest.mark.parametrize("url", PAGES)
def test_every_settings_page_has_the_list_of_all(client: Client, url: str) -> None:
    page = client.get(url)
    assert page.status_code == 200
    body = page.content.decode()
    assert body.count('class="settings__nav"') == 1
    for other in PAGES[1:]:
        assert f'href="{other}"' in body, other
    assert body.count('aria-current="page"') >= (url != "/settings/")


def test_the_audiences_are_those_of_posts() -> None:
    assert FirstAudience.values == Audience.values


def test_a_new_draft_is_for_whom_its_owner_chose(client: Client, bob: User) -> None:
    assert services.start_post(bob).audience == "followers"
    client.post("/settings/privacy/", {"preset": "quiet"})
    bob.refresh_from_db()
    assert services.start_post(bob).audience == "close"
    assert services.start_post(bob, "everyone").audience == "everyone"


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_sets_its_fields_and_is_shown_as_chosen(
    client: Client, bob: User, preset: Any
) -> None:
    assert client.post("/settings/privacy/", {"preset": preset.name}).status_code == 302
    bob.refresh_from_db()
    assert bob.first_audience == preset.first_audience
    assert bob.caution == preset.caution
    assert bob.approves_followers == preset.approves_followers
    assert preset_of(bob) == preset.name
    page = client.get("/settings/privacy/").content.decode()
    assert f'value="{preset.name}" checked' in page


def test_samples_show_what_a_post_of_the_preset_would() -> None:
    """Nothing for whom the audience leaves out; else by the rules the preset brings."""
    for preset in PRESETS:
        reached = {
            FirstAudience.CLOSE: (False, False, True),
            FirstAudience.FOLLOWERS: (False, True, True),
            FirstAudience.EVERYONE: (True, True, True),
        }[preset.first_audience]
        assert tuple(map(bool, preset.samples)) == reached
        rules = "strict" if preset.caution == Caution.STRICT else "default"
        assert all(rules in sample for sample in preset.samples if sample)


def test_a_mixture_is_no_preset(client: Client, bob: User) -> None:
    data = {"first_audience": "only_me", "caution": "strict"}
    assert client.post("/settings/privacy/", data).status_code == 302
    bob.refresh_from_db()
    assert (bob.first_audience, bob.caution) == ("only_me", "strict")
    assert not bob.approves_followers
    assert preset_of(bob) == ""


@pytest.mark.parametrize(
    "data",
    [
        {"preset": "wide"},
        {"first_audience": "world", "caution": "site"},
        {"first_audience": "close", "caution": "none"},
    ],
)
def test_what_is_not_offered_is_refused(
    client: Client, bob: User, data: dict[str, str]
) -> None:
    assert client.post("/settings/privacy/", data).status_code == 422
    bob.refresh_from_db()
    assert (bob.first_audience, bob.caution) == ("followers", "site")


def test_portraits_are_ones_own_and_the_first_is_as_ever(
    client: Client, bob: User
) -> None:
    drawn = [portrait(bob, number) for number in range(CHOICES)]
    assert len(set(drawn)) == CHOICES
    assert portrait(bob) == drawn[0]
    post = make_post(bob)
    make_media(bob, post)
    data = {"portrait": "5", "display_name": "", "bio": ""}
    client.post("/settings/profile/", data)
    for url in ("/u/bob/", f"/p/{post.public_id}/"):
        assert drawn[5] in client.get(url).content.decode(), url
    assert (
        client.post("/settings/profile/", data | {"portrait": "12"}).status_code == 422
    )


def test_language_and_time_zone(client: Client, bob: User) -> None:
    answer = client.post(
        "/settings/language/", {"language": "de", "time_zone": "Asia/Tokyo"}
    )
    assert answer.status_code == 302
    assert client.cookies["django_language"].value == "de"
    page = client.get("/settings/language/")
    assert '<html lang="de"' in page.content.decode()
    assert page.wsgi_request.LANGUAGE_CODE == "de"
    bad = {"language": "tlh", "time_zone": "Asia/Tokyo"}
    assert client.post("/settings/language/", bad).status_code == 422
    client.logout()  # the login page is in the language, too
    assert (
        '<html lang="de"'
        in Client(headers={"cookie": "django_language=de"})
        .get("/accounts/login/")
        .content.decode()
    )


def test_language_without_a_login_stays_on_this_site() -> None:
    client = Client()
    data = {"language": "de", "next": "https://elsewhere.example/"}
    answer = client.post("/language", data)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert '<html lang="de"' in client.get("/explore/").content.decode()
    client.post("/language", {"language": "xx", "next": "/explore/"})
    assert client.cookies["django_language"].value == "de"


def test_times_are_those_of_the_zone(client: Client, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(time_zone="Pacific/Kiritimati")
    make_post(bob)
    with CaptureQueriesContext(connection):
        page = client.get("/settings/language/").content.decode()
    from datetime import UTC, datetime, timedelta

    there = datetime.now(UTC) + timedelta(hours=14)
    shown = {(there + timedelta(minutes=m)).strftime("%-I:%M") for m in (-1, 0)}
    assert any(clock in page for clock in shown)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_appearance_is_kept_in_a_cookie(client: Client, theme: str) -> None:
    client.post("/settings/appearance/", {"theme": theme})
    assert f'data-theme="{theme}"' in client.get("/settings/").content.decode()
    client.post("/settings/appearance/", {"theme": "system"})
    assert "data-theme" not in client.get("/settings/").content.decode()
    assert client.post("/settings/appearance/", {"theme": "pink"}).status_code == 422


# --- the first run ---------------------------------------------------------------------


@pytest.fixture
def newcomer() -> Client:
    client = Client()
    answer = client.post(
        "/accounts/signup/",
        {"username": "nia", "password1": PASSWORD},
        headers={"accept-language": "de"},
    )
    assert (answer.status_code, answer["Location"]) == (302, "/welcome/")
    return client


def nia() -> User:
    return User.objects.get(username="nia")


def test_three_steps_after_signing_up(newcomer: Client) -> None:
    assert nia().language == "de"  # as the page on which she signed up
    first = newcomer.get("/welcome/", follow=True)
    assert first.redirect_chain[-1][0] == "/welcome/1/"
    answer = newcomer.post(
        "/welcome/1/",
        {
            "display_name": "Nia",
            "portrait": "3",
            "language": "en",
            "time_zone": "Africa/Accra",
        },
    )
    assert answer["Location"] == "/welcome/2/"
    page = newcomer.get("/welcome/2/").content.decode()
    assert 'value="balanced" checked' in page
    for preset in PRESETS:
        for sample in filter(None, preset.samples):
            assert sample.split("/")[1].split(".")[0] in page
    answer = newcomer.post("/welcome/2/", {"preset": "quiet"})
    assert answer["Location"] == "/welcome/3/"
    newcomer.get("/welcome/3/")
    answer = newcomer.post("/welcome/done", {"next": "share"})
    assert answer["Location"] == "/share/"
    user = nia()
    assert (user.name, user.portrait, user.time_zone) == ("Nia", 3, "Africa/Accra")
    assert preset_of(user) == "quiet"
    assert user.welcomed_at is not None
    assert "/welcome/" not in newcomer.get("/").content.decode()


def test_it_can_wait_and_goes_on_where_it_stopped(newcomer: Client) -> None:
    newcomer.get("/welcome/2/")
    page = newcomer.get("/").content.decode()
    assert 'href="/welcome/"' in page
    assert newcomer.get("/welcome/")["Location"] == "/welcome/2/"
    newcomer.get("/welcome/1/")  # looking back does not lose the place
    assert newcomer.get("/welcome/")["Location"] == "/welcome/2/"
    newcomer.post("/welcome/done")
    assert 'href="/welcome/"' not in newcomer.get("/").content.decode()


def test_who_only_confirmed_their_address_since_is_led_to_it(newcomer: Client) -> None:
    newcomer.post("/accounts/logout/")
    answer = newcomer.post("/accounts/login/", {"login": "nia", "password": PASSWORD})
    assert answer["Location"] == "/welcome/"
    User.objects.filter(username="nia").update(welcome_step=2)
    newcomer.post("/accounts/logout/")
    answer = newcomer.post("/accounts/login/", {"login": "nia", "password": PASSWORD})
    assert answer["Location"] == "/"


def test_old_hands_are_not_asked(client: Client) -> None:
    assert 'href="/welcome/"' not in client.get("/").content.decode()
    assert client.get("/welcome/4/").status_code == 404
    assert client.get("/welcome/0/").status_code == 404


@pytest.mark.parametrize(
    ("step", "data"),
    [(1, {"language": "xx", "time_zone": "UTC"}), (2, {}), (2, {"preset": "all"})],
)
def test_bad_input_stays_on_the_step(
    newcomer: Client, step: int, data: dict[str, str]
) -> None:
    answer = newcomer.post(f"/welcome/{step}/", data)
    assert answer.status_code == 422
    assert preset_of(nia()) == "balanced"


def test_finding_somebody_by_name(client: Client) -> None:
    make_user("Zoe.K")
    answer = client.get("/people/find", {"name": "@zoe.k"})
    assert (answer.status_code, answer["Location"]) == (302, "/u/Zoe.K/")
    assert client.get("/people/find", {"name": "zoe"}).status_code == 404


# --- devices ---------------------------------------------------------------------------


def writes(client: Client, url: str, **extra: Any) -> int:
    with CaptureQueriesContext(connection) as found:
        client.get(url, **extra)
    return sum(
        "usersessions_usersession" in query["sql"]
        and query["sql"].startswith(("UPDATE", "INSERT"))
        for query in found
    )


def test_a_device_is_seen_once_in_five_minutes_and_never_by_pictures(
    bob: User,
) -> None:
    cache.clear()
    client = Client()
    client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    media = make_media(bob, make_post(bob))
    picture = f"/m/{media.public_id}/feed.jpg"
    assert writes(client, picture) == 0
    assert writes(client, "/explore/") == 1
    for url in ("/explore/", "/people/", picture):
        assert writes(client, url) == 0
    # Another address or browser with the same session is news at once.
    assert writes(client, "/explore/", REMOTE_ADDR="192.0.2.7") == 1
    assert UserSession.objects.get().ip == "192.0.2.7"
    cache.clear()  # five minutes later
    assert writes(client, "/explore/") == 1


def test_the_list_of_devices_shows_this_one(bob: User) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    page = client.get("/accounts/sessions/")
    assert page.status_code == 200
    assert b"127.0.0.1" in page.content


def test_presets_have_names_of_their_own() -> None:
    assert set(BY_NAME) == {"quiet", "balanced", "open"}


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/126.0 Safari/537.36"
            ),
            "Chrome on Linux",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) "
                "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/604.1"
            ),
            "Safari on iPhone",
        ),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 "
                "Firefox/127.0"
            ),
            "Firefox on Windows",
        ),
        ("<b>curl</b>/8.5", "A program"),
    ],
)
def test_devices_are_named_in_words(bob: User, agent: str, words: str) -> None:
    client = Client(headers={"user-agent": agent})
    client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    page = client.get("/accounts/sessions/").content.decode()
    assert words in page
    assert "<b>" not in page
