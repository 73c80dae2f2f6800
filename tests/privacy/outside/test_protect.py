"""Analysis and masking for other programs: through HTTP, with the real models."""

from __future__ import annotations

import base64
import io
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone as clock
from PIL import Image

from accounts.models import User
from accounts.services import suspend
from privacy.outside import jobs, keys, tasks
from privacy.outside.models import ApiKey, Job, Known
from privacy.outside.problems import Problem
from tests.factories import make_user
from tests.privacy.outside.conftest import blobs, letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return make_user("alice")


@pytest.fixture
def text(alice: User) -> str:
    return keys.issue(alice.pk, "editor")[1]


def send(
    path: str, text: str, data: bytes | None = None, prefer: str = "", **fields: Any
) -> Any:
    if data is not None:
        fields["image"] = SimpleUploadedFile("x.jpg", data, "image/jpeg")
    headers = {"Authorization": f"Bearer {text}"}
    if prefer:
        headers["Prefer"] = prefer
    return Client().post(f"/api/v1/{path}", fields, headers=headers)


def pixels(data: bytes) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_analyse_finds_and_keeps_no_picture(text: str, worker: None) -> None:
    answer = send("analyse", text, letter())
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["complete"]
    assert body["unchecked"] == []
    assert (body["width"], body["height"]) == (640, 420)
    assert "text.phone" in {one["category"] for one in body["findings"]}
    risks = [body["tiers"][tier]["risk"] for tier in ("full", "semi", "none")]
    assert risks == sorted(risks)
    assert "5221748" not in answer.content.decode()
    assert blobs() == []
    assert not Job.objects.exists()


def test_the_same_bytes_are_looked_at_once_per_owner(
    text: str, alice: User, worker: None
) -> None:
    first = send("analyse", text, letter()).json()
    other = keys.issue(alice.pk, "another program")[1]
    again = send("analyse", other, letter()).json()
    assert (first["cached"], again["cached"]) == (False, True)
    assert again["findings"] == first["findings"]
    changed = send("analyse", text, letter("+49 30 5221749")).json()
    assert not changed["cached"]
    bob = make_user("bob")
    theirs = send("analyse", keys.issue(bob.pk, "x")[1], letter()).json()
    assert not theirs["cached"]
    kept = Known.objects.filter(owner=alice).first()
    assert kept is not None
    assert b"text.phone" not in bytes(kept.sealed)


def test_protect_masks_for_each_tier(text: str, worker: None) -> None:
    answer = send("protect", text, letter())
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert set(body["tiers"]) == {"full", "semi", "none"}
    phone = next(one for one in body["findings"] if one["category"] == "text.phone")
    x0, y0, x1, y1 = phone["box"]
    place = (
        slice(round(y0 * 420), round(y1 * 420)),
        slice(round(x0 * 640), round(x1 * 640)),
    )
    before = pixels(letter())[place]
    for tier in ("full", "semi"):
        image = body["tiers"][tier]["image"]
        assert image["type"] == "image/jpeg"
        after = pixels(base64.b64decode(image["base64"]))[place]
        assert np.abs(after - before).mean() > 10  # the dark strokes are gone
        assert after.min() > before.min() + 40
    clear = base64.b64decode(body["tiers"]["none"]["image"]["base64"])
    assert np.abs(pixels(clear)[place] - before).mean() < 5
    again = send("protect", text, letter(), tiers="full").json()
    assert set(again["tiers"]) == {"full"}
    assert again["cached"]
    assert again["tiers"]["full"]["image"] == body["tiers"]["full"]["image"]


def test_no_picture_without_every_check(
    text: str, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOPEEK_MODELS", "faces=/nowhere/yunet.onnx")
    answer = send("protect", text, letter())
    assert answer.status_code == 503
    assert answer.json()["code"] == "unchecked"
    assert "faces" in answer.json()["detail"]
    looked = send("analyse", text, letter()).json()
    assert (looked["complete"], looked["unchecked"]) == (False, ["faces"])
    assert not Known.objects.exists()  # half a look is never kept


def test_a_job_is_fetched_with_its_key_alone(text: str, alice: User) -> None:
    sent: list[tuple[Any, ...]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            tasks.carry_out, "apply_async", lambda args, **_kw: sent.append(args)
        )
        answer = send("protect", text, letter(), "respond-async", tiers="full")
    assert answer.status_code == 202
    where = answer.headers["Location"]
    assert where == answer.json()["url"]
    stored = storages["default"].open(f"jobs/{blobs()[0]}").read()
    assert letter()[:32] not in stored  # nothing on the disk opens without the key

    def fetch(text: str, prefer: str = "wait=0") -> Any:
        headers = {"Authorization": f"Bearer {text}", "Prefer": prefer}
        return Client().get(where, headers=headers)

    assert fetch(text).status_code == 202
    tasks.carry_out(*sent[0])
    assert len(blobs()) == 1  # the picture went, its answer came
    assert fetch(keys.issue(alice.pk, "another")[1]).status_code == 404
    done = fetch(text)
    assert done.status_code == 200
    assert done.json()["tiers"]["full"]["image"]["base64"]
    tasks.carry_out(*sent[0])  # a second delivery changes nothing
    headers = {"Authorization": f"Bearer {text}"}
    assert Client().delete(where, headers=headers).status_code == 204
    assert blobs() == []
    assert fetch(text).status_code == 404


def test_what_nobody_fetches_goes(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks.carry_out, "apply_async", lambda args, **_kw: None)
        send("analyse", text, letter(), "respond-async")
        send("analyse", text, letter(), "respond-async")
    tasks.forget_jobs()
    assert len(blobs()) == 2
    Job.objects.filter(pk=Job.objects.earliest("pk").pk).update(expires_at=clock.now())
    tasks.forget_jobs()
    assert len(blobs()) == 1
    key = ApiKey.objects.get()
    assert keys.revoke(key.owner_id, key.public_id)
    tasks.forget_jobs()
    assert blobs() == []
    assert not Job.objects.exists()


def test_a_broker_that_is_away_is_said(text: str) -> None:
    def away(*_args: object, **_kw: object) -> None:
        raise ConnectionError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks.carry_out, "apply_async", away)
        answer = send("analyse", text, letter())
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert blobs() == []


@pytest.mark.parametrize(
    ("path", "fields", "status", "code"),
    [
        ("protect", {"tiers": "everyone"}, 400, "tiers"),
        ("protect", {"format": "bmp"}, 400, "format"),
        ("protect", {"size": "9"}, 400, "size"),
        ("analyse", {"rules": "mine"}, 400, "rules"),
    ],
)
def test_unknown_wishes_are_told(
    text: str, path: str, fields: dict[str, str], status: int, code: str
) -> None:
    answer = send(path, text, letter(), **fields)
    assert answer.status_code == status
    assert answer.json()["code"] == code
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_what_is_no_picture_is_told(text: str, worker: None, settings: Any) -> None:
    assert send("analyse", text).json()["code"] == "image"
    assert send("analyse", text, b"MZ not a picture").status_code == 415
    assert send("analyse", text, letter()[:900]).status_code == 422
    settings.NOPEEK_LIMITS = settings.NOPEEK_LIMITS | {"bytes": 1000}
    assert send("analyse", text, letter()).status_code == 413


def test_who_may_ask(text: str, alice: User) -> None:
    def asked(text: str, path: str = "protect", **headers: str) -> Any:
        given = {"Authorization": f"Bearer {text}"} | headers
        return Client().post(f"/api/v1/{path}", headers=given)

    client = Client()
    client.force_login(alice)  # a session is no key
    answer = client.post("/api/v1/protect")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert asked("npk_guess").status_code == 401
    assert asked(text).json()["code"] == "image"  # it holds; the picture is missing
    assert asked(text, Origin="https://evil.example").json()["code"] == "origin"
    row, small = keys.issue(alice.pk, "small", ApiKey.Scope.ANALYSE)
    assert asked(small).json()["code"] == "scope"
    assert asked(small, "analyse").json()["code"] == "image"
    page = keys.issue(alice.pk, "page", origin="https://shop.example")[1]
    assert asked(page).json()["code"] == "origin"
    assert asked(page, Origin="https://shop.example").json()["code"] == "image"
    assert keys.revoke(alice.pk, row.public_id)
    assert asked(small, "analyse").status_code == 401
    ApiKey.objects.filter(digest=keys.digest(text)).update(
        expires_at=clock.now() - timedelta(seconds=1)
    )
    assert asked(text).status_code == 401
    suspend(alice)
    assert asked(page, Origin="https://shop.example").status_code == 401


def test_no_key_is_stored(text: str) -> None:
    row = ApiKey.objects.get()
    assert row.digest == keys.digest(text)
    assert text not in str(list(ApiKey.objects.values()))
    assert len(text) > 40


def test_quotas(alice: User, worker: None) -> None:
    key, text = keys.issue(alice.pk, "editor")
    ApiKey.objects.update(per_minute=2, per_day=3)
    start = datetime(2030, 5, 5, 23, 59, 10, tzinfo=UTC)

    def spent(later: float) -> tuple[str, int]:
        try:
            keys.spend(key, start + timedelta(seconds=later))
        except Problem as error:
            return str(error.get_codes()), error.wait
        return "", 0

    assert [spent(0), spent(1)] == [("", 0), ("", 0)]
    assert spent(20) == ("quota_minute", 30)
    assert spent(50) == ("", 0)  # another minute, and another day
    ApiKey.objects.update(day_count=3)
    assert spent(51) == ("quota_day", 86_399)
    ApiKey.objects.update(per_minute=0, per_day=9)
    answer = send("analyse", text, letter())
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert answer.json()["code"] == "quota_minute"


def test_prefer_is_bounded(settings: Any) -> None:
    settings.NOPEEK_API = settings.NOPEEK_API | {"wait": 7.0}
    assert jobs.within("") == 7
    assert jobs.within("wait=3") == 3
    assert jobs.within("wait=900") == 7
    assert jobs.within("respond-async, wait=5") == 0


def test_another_site_may_ask_only_where_it_is_named(settings: Any) -> None:
    def preflight(path: str, origin: str) -> str | None:
        answer = Client().options(
            path,
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization",
            },
        )
        return answer.headers.get("Access-Control-Allow-Origin")

    shop = "https://shop.example"
    assert preflight("/api/v1/protect", shop) is None  # off by default
    settings.CORS_ALLOWED_ORIGINS = [shop]
    assert preflight("/api/v1/protect", shop) == shop
    assert preflight("/api/v1/protect", "https://evil.example") is None
    assert preflight("/api/v1/posts", shop) is None
    assert preflight(f"/api/v1/jobs/{uuid.uuid4()}", shop) == shop


def test_the_client_in_the_documents_works(
    text: str, worker: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The very code of docs/api.md, against this application."""
    import httpx

    page = (Path(__file__).parents[3] / "docs" / "api.md").read_text("utf-8")
    code = page.partition("```python\n")[2].partition("```")[0]
    code = code.replace("https://photos.example.org", "http://localhost")
    code = code.replace("npk_…", text)

    def answered(request: httpx.Request) -> httpx.Response:
        answer = Client().generic(
            request.method,
            request.url.raw_path.decode(),
            request.read(),
            content_type=request.headers.get("Content-Type", ""),
            headers={"Authorization": request.headers["Authorization"]},
        )
        return httpx.Response(
            answer.status_code, headers=dict(answer.items()), content=answer.content
        )

    transport = httpx.MockTransport(answered)
    client = httpx.Client
    monkeypatch.setattr(
        httpx, "Client", lambda **given: client(transport=transport, **given)
    )
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo.jpg").write_bytes(letter())
    exec(compile(code, "docs/api.md", "exec"), {})
    for tier in ("full", "semi"):
        assert pixels((tmp_path / f"{tier}.jpg").read_bytes()).shape == (420, 640, 3)
