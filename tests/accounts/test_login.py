"""Logging in: locks, silence about who exists, sessions, redirects, forged requests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import hashers
from django.contrib.auth.models import AbstractBaseUser
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings as SiteSettings
from rest_framework.authtoken.models import Token

from accounts import services
from tests.factories import PASSWORD, make_user
from tests.pages import bare

pytestmark = pytest.mark.django_db
Answer = Any  # the test client adds to its responses what no type knows
BACKEND = "accounts.backends.PresentBackend"


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


@pytest.fixture
def ann() -> AbstractBaseUser:
    user = make_user("ann")
    EmailAddress.objects.create(
        user=user, email=user.email, verified=True, primary=True
    )
    return user


def page_login(client: Client, name: str, password: str, **extra: Any) -> Answer:
    data = {"login": name, "password": password}
    return client.post("/accounts/login/", data, **extra)


def admin_login(client: Client, name: str, password: str, **extra: Any) -> Answer:
    """As a browser does it: the admin's door leads to the one login page."""
    door = client.get("/admin/login/", {"next": "/admin/"}, **extra)
    data = {"login": name, "password": password, "next": "/admin/"}
    return client.post(door.headers["Location"], data, **extra)


def token_login(client: Client, name: str, password: str, **extra: Any) -> Answer:
    return client.post(
        "/api/v1/token",
        {"username": name, "password": password},
        content_type="application/json",
        **extra,
    )


Door = Callable[..., Answer]
DOORS = pytest.mark.parametrize("door", [page_login, admin_login, token_login])
OPEN = {page_login: 302, admin_login: 302, token_login: 200}


# --- B2 ------------------------------------------------------------------------------


@DOORS
def test_b2_a_name_is_locked_for_an_address_after_five(
    ann: AbstractBaseUser, client: Client, door: Door
) -> None:
    codes = [door(client, "ann", f"wrong {n}").status_code for n in range(6)]
    assert codes[4:] == [429, 429]
    assert all(code in (200, 400) for code in codes[:4])
    locked = door(client, "ann", PASSWORD)
    assert locked.status_code == 429
    assert int(locked.headers["Retry-After"]) > 0
    elsewhere = door(Client(REMOTE_ADDR="198.51.100.7"), "ann", PASSWORD)
    assert elsewhere.status_code == OPEN[door]


@DOORS
def test_b2_one_lock_holds_at_every_door(
    ann: AbstractBaseUser, client: Client, door: Door
) -> None:
    for number in range(5):
        door(client, "ann", f"wrong {number}")
    for other in OPEN:
        assert other(client, "ann", PASSWORD).status_code == 429


@DOORS
def test_b2_a_spoofed_header_opens_nothing(
    ann: AbstractBaseUser, client: Client, door: Door
) -> None:
    for number in range(5):
        door(client, "ann", "wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    found = door(client, "ann", PASSWORD, HTTP_X_FORWARDED_FOR="203.0.113.99")
    assert found.status_code == 429


@DOORS
def test_b2_behind_our_proxy_only_its_own_word_counts(
    ann: AbstractBaseUser, client: Client, door: Door, settings: SiteSettings
) -> None:
    settings.NOPEEK_PROXIES = 1
    for number in range(5):
        made_up = f"203.0.113.{number}, 198.51.100.1"
        door(client, "ann", "wrong", HTTP_X_FORWARDED_FOR=made_up)
    same = door(client, "ann", PASSWORD, HTTP_X_FORWARDED_FOR="1.1.1.1, 198.51.100.1")
    assert same.status_code == 429
    other = door(client, "ann", PASSWORD, HTTP_X_FORWARDED_FOR="198.51.100.2")
    assert other.status_code == OPEN[door]


def test_b2_name_and_address_are_one_account(
    ann: AbstractBaseUser, client: Client
) -> None:
    for name in ("ann", "ANN", "ann@example.org", "Ann@Example.org", "aNn"):
        page_login(client, name, "wrong")
    assert page_login(client, "ann", PASSWORD).status_code == 429


def test_b2_one_address_cannot_try_many_names(
    client: Client, settings: SiteSettings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "100/h/ip"}
    make_user("ann")
    for number in range(100):
        page_login(client, f"name{number}", "wrong")
    page_login(client, "ann", PASSWORD)
    assert "_auth_user_id" not in client.session
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    assert page_login(elsewhere, "ann", PASSWORD).status_code == 302


def test_b2_the_shipped_limits_are_on() -> None:
    """The tests switch them off; production must not."""
    from nopeek_site.settings import base

    assert isinstance(base.ACCOUNT_RATE_LIMITS, dict)
    assert "100/h/ip" in base.ACCOUNT_RATE_LIMITS["login_failed"]
    assert base.AXES_FAILURE_LIMIT == 5


# --- B3 ------------------------------------------------------------------------------


@DOORS
def test_b3_login_does_not_tell_whether_a_name_exists(
    ann: AbstractBaseUser, door: Door
) -> None:
    known = [door(Client(), "ann", "wrong") for _ in range(6)]
    unknown = [door(Client(), "nobody", "wrong") for _ in range(6)]
    for one, other in zip(known, unknown, strict=True):
        assert one.status_code == other.status_code
        assert bare(one, "ann") == bare(other, "nobody")


@pytest.mark.parametrize("door", [page_login, token_login])
def test_b3_a_suspended_account_looks_unknown_to_a_wrong_password(
    ann: AbstractBaseUser, door: Door
) -> None:
    services.suspend(ann)  # type: ignore[arg-type]
    one, other = door(Client(), "ann", "wrong"), door(Client(), "nobody", "wrong")
    assert one.status_code == other.status_code
    assert bare(one, "ann") == bare(other, "nobody")


@pytest.mark.parametrize("door", [page_login, token_login])
@pytest.mark.parametrize("name", ["ann", "nobody", "ann@example.org", "no@example.org"])
def test_b3_the_same_work_is_done_for_every_name(
    ann: AbstractBaseUser, door: Door, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time class: one password hash, whoever is asked about."""
    hasher = hashers.get_hasher()
    counted: list[str] = []
    encode = type(hasher).encode

    def spy(self: Any, password: str, salt: str) -> str:
        counted.append(salt)
        return str(encode(self, password, salt))

    monkeypatch.setattr(type(hasher), "encode", spy)
    door(Client(), name, "wrong")
    assert len(counted) == 1


def test_b3_reset_says_the_same_and_mails_either_way(
    ann: AbstractBaseUser, client: Client
) -> None:
    answers = []
    for address in ("ann@example.org", "nobody@example.org"):
        response = client.post("/accounts/password/reset/", {"email": address})
        answers.append((response.status_code, response.headers["Location"]))
    assert answers[0] == answers[1]
    assert [message.to for message in mail.outbox] == [
        ["ann@example.org"],
        ["nobody@example.org"],
    ]


@pytest.fixture
def posted(settings: SiteSettings) -> None:
    """As a site is that sends mail."""
    settings.NOPEEK_SENDS_MAIL = True
    settings.ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.MFA_ALLOW_UNVERIFIED_EMAIL = False


def signing_up(name: str, address: str) -> tuple[object, ...]:
    """What a newcomer gets to see: the answer, and the page that it leads to."""
    client = Client()
    form = {"username": name, "email": address, "password1": PASSWORD}
    response = client.post("/accounts/signup/", form)
    where = response.headers.get("Location", "")
    page = client.get(where or "/", follow=True)
    read = bare(page, address).replace(name.encode(), b"NAME")
    return response.status_code, where, page.redirect_chain, read


def test_b3_a_site_without_mail_asks_for_no_address_and_tells_of_none(
    ann: AbstractBaseUser,
) -> None:
    """The embedded default. An address that is sent all the same is not looked at."""
    page = Client().get("/accounts/signup/").content.decode()
    assert 'name="username"' in page
    assert "email" not in page
    assert "asks for no address" in page
    # The pages of two people differ in their portraits; what decides them does not.
    taken = signing_up("ben0", "ann@example.org")[:3]
    assert taken == signing_up("ben1", "new@example.org")[:3]
    assert taken[:2] == (302, "/welcome/")
    assert list(EmailAddress.objects.values_list("user__username")) == [("ann",)]
    again = Client()
    assert page_login(again, "ben0", PASSWORD).status_code == 302
    assert again.get("/people/").status_code == 200


def test_b3_a_site_without_mail_adds_no_address_and_tells_of_none(
    ann: AbstractBaseUser,
) -> None:
    client = Client()
    signed = {"username": "ben", "password1": PASSWORD}
    assert client.post("/accounts/signup/", signed, follow=True).status_code == 200
    answers = []
    for address in ("ann@example.org", "new@example.org"):
        form = {"email": address, "action_add": ""}
        response = client.post("/accounts/email/", form)
        answers.append((response.status_code, bare(response, address)))
    assert answers[0] == answers[1]
    assert b"keeps no addresses" in answers[0][1]
    assert not EmailAddress.objects.exclude(user=ann).exists()


def test_b3_a_site_without_mail_says_how_a_password_is_set_anew() -> None:
    page = Client().get("/accounts/password/reset/").content.decode()
    assert "changepassword" in page
    assert 'name="email"' not in page


@pytest.mark.usefixtures("posted")
def test_b3_a_site_with_mail_tells_only_whoever_reads_it(
    ann: AbstractBaseUser,
) -> None:
    taken = signing_up("ben0", "ann@example.org")
    assert taken == signing_up("ben1", "new@example.org")
    assert taken[1] == "/accounts/confirm-email/"
    assert not type(ann).objects.filter(username="ben0").exists()
    assert [message.to for message in mail.outbox] == [
        ["ann@example.org"],
        ["new@example.org"],
    ]


@pytest.mark.usefixtures("posted")
@pytest.mark.parametrize("address", ["ann@example.org", "new@example.org"])
def test_b3_signing_up_does_the_same_work_for_every_address(
    ann: AbstractBaseUser, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time class: one password hash, whether an account is made or not."""
    hasher = hashers.get_hasher()
    counted: list[str] = []
    encode = type(hasher).encode

    def spy(self: Any, password: str, salt: str) -> str:
        counted.append(salt)
        return str(encode(self, password, salt))

    monkeypatch.setattr(type(hasher), "encode", spy)
    signing_up("ben", address)
    assert len(counted) == 1


def test_b3_who_joined_before_the_site_sent_mail_still_gets_in(
    request: pytest.FixtureRequest,
) -> None:
    signed = {"username": "ben", "password1": PASSWORD}
    assert Client().post("/accounts/signup/", signed).status_code == 302
    request.getfixturevalue("posted")
    client = Client()
    assert page_login(client, "ben", PASSWORD).headers["Location"] == "/welcome/"
    assert token_login(Client(), "ben", PASSWORD).status_code == 200


def test_b3_addresses_are_asked_for_and_confirmed_or_neither() -> None:
    """The settings as they are made, for a site with mail and for one without."""
    ask = (
        "from nopeek_site.settings import base as b; "
        "print(b.ACCOUNT_SIGNUP_FIELDS, b.ACCOUNT_EMAIL_VERIFICATION)"
    )
    for url, wanted in (
        ("", "['username*', 'password1*'] none"),
        ("smtp://localhost:25", "['username*', 'email*', 'password1*'] mandatory"),
    ):
        made = subprocess.run(
            [sys.executable, "-c", ask],
            env=os.environ | {"EMAIL_URL": url},
            capture_output=True,
            text=True,
            check=True,
        )
        assert made.stdout.strip() == wanted


def test_b3_passkey_login_begins_alike_for_everyone(ann: AbstractBaseUser) -> None:
    first = Client().get(
        "/accounts/2fa/webauthn/login/", HTTP_ACCEPT="application/json"
    )
    second = Client().get(
        "/accounts/2fa/webauthn/login/?login=ann", HTTP_ACCEPT="application/json"
    )
    assert first.status_code == second.status_code == 200
    assert b"allowCredentials" not in first.content.replace(
        b'"allowCredentials": []', b""
    )


# --- B6 ------------------------------------------------------------------------------


def test_b6_the_session_changes_at_login(ann: AbstractBaseUser, client: Client) -> None:
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "by an attacker"
    session.save()
    before = str(session.session_key)
    client.cookies["sessionid"] = before
    page_login(client, "ann", PASSWORD)
    assert client.session.session_key != before
    assert "planted" not in client.session or client.session.session_key != before


def test_b6_a_new_password_ends_every_other_login(ann: AbstractBaseUser) -> None:
    here, there, app = Client(), Client(), Client()
    page_login(here, "ann", PASSWORD)
    page_login(there, "ann", PASSWORD)
    key = token_login(app, "ann", PASSWORD).json()["token"]
    old = here.session.session_key
    form = {"oldpassword": PASSWORD, "password1": "another walk, by a lake"}
    form["password2"] = form["password1"]
    assert here.post("/accounts/password/change/", form).status_code == 302
    assert here.get("/people/").status_code == 200
    assert here.session.session_key != old
    assert there.get("/people/").status_code == 302
    api = app.get("/api/v1/me", HTTP_AUTHORIZATION=f"Token {key}")
    assert api.status_code == 401


def test_b6_staff_setting_a_password_ends_logins_too(ann: Any) -> None:
    there = Client()
    page_login(there, "ann", PASSWORD)
    Token.objects.create(user=ann)
    ann.set_password("set by the staff, once")
    ann.save()
    assert there.get("/people/").status_code == 302
    assert not Token.objects.exists()


@pytest.mark.parametrize("how", ["suspended", "inactive"])
def test_b6_who_is_taken_out_is_out_at_once(ann: Any, how: str) -> None:
    there = Client()
    page_login(there, "ann", PASSWORD)
    key = Token.objects.create(user=ann).key
    if how == "suspended":
        services.suspend(ann)
    else:
        ann.is_active = False
        ann.save()
    assert there.get("/people/").status_code == 302
    api = Client().get("/api/v1/me", HTTP_AUTHORIZATION=f"Token {key}")
    assert api.status_code == 401
    again = page_login(Client(), "ann", PASSWORD)
    assert again.headers["Location"] == "/accounts/inactive/"
    assert token_login(Client(), "ann", PASSWORD).status_code == 400


def test_b6_logging_out_elsewhere_from_the_list_of_devices(
    ann: AbstractBaseUser,
) -> None:
    here, there = Client(), Client()
    page_login(here, "ann", PASSWORD)
    page_login(there, "ann", PASSWORD)
    assert there.get("/people/").status_code == 200
    here.post("/accounts/sessions/")
    assert there.get("/people/").status_code == 302
    assert here.get("/people/").status_code == 200


def test_b6_cookies_are_host_bound_in_production() -> None:
    from pathlib import Path

    import nopeek_site.settings as package

    prod = Path(package.__file__).with_name("prod.py").read_text()
    assert 'SESSION_COOKIE_NAME = "__Host-session"' in prod
    assert 'CSRF_COOKIE_NAME = "__Host-csrf"' in prod
    assert "SESSION_COOKIE_SECURE = True" in prod


def test_b6_sensitive_pages_ask_for_the_password_again(ann: Any) -> None:
    client = Client()
    client.force_login(ann, backend=BACKEND)  # a login without a fresh password
    found = client.get("/accounts/2fa/totp/activate/")
    assert found.status_code == 302
    assert "/accounts/reauthenticate/" in found.headers["Location"]


def test_a_token_needs_the_second_factor_too(ann: Any) -> None:
    TOTP.activate(ann, generate_totp_secret())
    client = Client()
    assert token_login(client, "ann", PASSWORD).status_code == 400
    codes = Authenticator.objects.get(user=ann).wrap()
    from allauth.mfa.totp.internal.auth import (
        format_hotp_value,
        hotp_value,
        yield_hotp_counters_from_time,
    )

    secret = codes.instance.data["secret"]
    counter = next(iter(yield_hotp_counters_from_time()))
    code = format_hotp_value(hotp_value(secret, counter))
    data = {"username": "ann", "password": PASSWORD, "code": code}
    found = client.post("/api/v1/token", data, content_type="application/json")
    assert found.status_code == 200
    again = client.post("/api/v1/token", data, content_type="application/json")
    assert again.status_code == 400, "a code works once"


def test_a_token_waits_for_a_verified_address(ann: Any, settings: SiteSettings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    assert token_login(Client(), "ann", PASSWORD).status_code == 200
    EmailAddress.objects.update(verified=False)
    found = token_login(Client(), "ann", PASSWORD)
    assert (found.status_code, found.json()["code"]) == (403, "unverified")


# --- B8 ------------------------------------------------------------------------------


def addresses() -> list[str]:
    """Every address of the site, with plausible values for what it names."""
    found: list[str] = []

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> None:
        for entry in patterns:
            route = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                walk(entry.url_patterns, route)
            else:
                found.append(route)

    walk(get_resolver().url_patterns, "/")
    ours = [r for r in found if not r.startswith(("/admin", "/static"))]
    plain = [r for r in ours if "^" not in r and "\\" not in r]
    value = {
        "uuid": "6f9619ff-8b86-4011-b42d-00c04fc964ff",
        "int": "1",
        "str": "ann",
        "slug": "close",
        "path": "x",
    }
    return [
        re.sub(r"<(?:(\w+):)?\w+>", lambda m: value[m.group(1) or "str"], route)
        for route in plain
    ]


def test_b8_no_forged_request_gets_through(ann: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann, backend=BACKEND)
    let_in = []
    for address in addresses():
        answers = [
            client.post(address),
            client.post(address, "{}", content_type="text/plain"),
            client.post(address, "{}", content_type="application/json"),
        ]
        if address.startswith("/api/"):
            answers += [
                client.put(address, "{}", content_type="application/json"),
                client.patch(address, "{}", content_type="application/json"),
                client.delete(address),
            ]
        # 415: the token is looked for in a body that the API does not read. 401: the
        # addresses for other programs know no cookies, so nobody is logged in there.
        codes = {answer.status_code for answer in answers}
        if not codes <= {401, 403, 415}:
            let_in.append((address, codes))
    # The token endpoint looks at the body alone, not at cookies. The others act for
    # nobody: VIPER's address is switched off, and a link opens to its password.
    nobody = ("/api/v1/token", "/api/viper", "/l/")
    assert [row for row in let_in if not row[0].startswith(nobody)] == []


def test_b8_logging_in_cannot_be_forged(ann: AbstractBaseUser) -> None:
    client = Client(enforce_csrf_checks=True)
    assert page_login(client, "ann", PASSWORD).status_code == 403


# --- B10 -----------------------------------------------------------------------------

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    r"\\evil.example",
    r"/\evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "https:evil.example",
    "http:///evil.example",
    "/\t/evil.example",
    "\n//evil.example",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "ftp://testserver/",
]


def goes_elsewhere(location: str) -> bool:
    return not location.startswith("/") or location[1:2] in ("/", "\\", "\t")


@pytest.mark.parametrize("target", ELSEWHERE)
def test_b10_login_goes_nowhere_else(ann: AbstractBaseUser, target: str) -> None:
    client = Client()
    data = {"login": "ann", "password": PASSWORD, "next": target}
    found = client.post("/accounts/login/", data)
    assert found.status_code == 302
    assert found.headers["Location"] == "/"
    assert client.post("/accounts/logout/", {"next": target}).headers["Location"] == "/"


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    target=st.one_of(
        st.sampled_from(ELSEWHERE),
        st.text(alphabet="/\\:@.?#%ahtpsjv\t\n ", max_size=14),
        st.from_regex(r"[/\\]{0,3}[a-z:@/\\]{0,12}", fullmatch=True),
    )
)
def test_b10_verbs_between_people_go_nowhere_else(two: Any, target: str) -> None:
    client = Client()
    client.force_login(two[0], backend=BACKEND)
    found = client.post("/u/ben/mute", {"next": target})
    assert found.status_code == 302
    assert not goes_elsewhere(found.headers["Location"])


@pytest.fixture
def two(db: None) -> tuple[Any, Any]:
    return make_user("ann"), make_user("ben")
