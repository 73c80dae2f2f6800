"""D6: an upload near a list is seen by nobody, its owner included, until a person has
looked; where nothing can be compared, it waits."""

from __future__ import annotations

import io
import json
import time
import zipfile

import numpy as np
import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client
from PIL import Image, ImageDraw

from accounts.models import User
from gallery import exports, housekeeping, pipeline, withholding
from gallery.models import Media, Post, Rendition, SealedObject, TierView
from gallery.states import State
from gallery.upload import accept
from privacy.core import pdq
from privacy.core.image import Pixels
from privacy.listed import lists
from privacy.listed.models import HashList, Match
from privacy.policy_room.models import AuditEntry
from tests.factories import PASSWORD, make_media, make_post, make_user
from tests.gallery.conftest import Sent, one_stage
from tests.gallery.conftest import sent as sent  # noqa: PLC0414 - a fixture

pytestmark = pytest.mark.django_db
DOUBLE = "tests.privacy.listed.test_lists."


def scene(seed: int, scale: float = 1.0, quality: int = 90) -> bytes:
    """Forty drawn shapes as a JPEG."""
    dice = np.random.default_rng(seed)
    image = Image.new("RGB", (640, 480), "grey")
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y, w, h = (int(v) for v in dice.integers(0, 640, 4))
        colour = tuple(int(c) for c in dice.integers(0, 255, 3))
        draw.ellipse((x, y, x + w // 3, y + h // 3), fill=colour)
    image = image.resize((int(640 * scale), int(480 * scale)))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def hash_of(data: bytes) -> str:
    return pdq.hash_of(np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))).hex


def slow(pixels: Pixels) -> pdq.Hash:
    time.sleep(1)
    return pdq.hash_of(pixels)


def broken(pixels: Pixels) -> pdq.Hash:
    raise RuntimeError("the hasher is away")


@pytest.fixture
def ana() -> User:
    return make_user("ana")


@pytest.fixture
def listed() -> HashList:
    return lists.keep("known", hash_of(scene(1)), "drawn for a test")


def cleaned(owner: User, data: bytes, sent: Sent) -> Media:
    """An upload after the stage in which it is compared."""
    media = accept(owner, Post.objects.create(owner=owner), ContentFile(data))
    one_stage(media, State.UPLOADED)
    one_stage(media, State.SANITISING)
    return media


@pytest.mark.parametrize(("scale", "quality"), [(1.0, 90), (0.5, 90), (0.7, 30)])
def test_d6_a_match_is_seen_by_nobody(
    ana: User, listed: HashList, sent: Sent, scale: float, quality: int
) -> None:
    media = cleaned(ana, scene(1, scale, quality), sent)
    assert (media.state, media.problem_code) == (State.REJECTED, "withheld")
    kinds = set(media.sealed.values_list("kind", flat=True))
    assert kinds == {"raw", "withheld"}
    assert not Rendition.objects.exists()
    assert not TierView.objects.exists()
    noor = make_user("noor", is_staff=True, is_superuser=True)
    for viewer in (ana, noor, make_user("ben"), None):
        client = Client()
        if viewer:
            client.force_login(viewer)
        for size in ("thumb", "feed", "full"):
            url = f"/m/{media.public_id}/{size}.jpg"
            assert client.get(url).status_code == 404, (viewer, size)
    owner = Client()
    owner.force_login(ana)
    shown = owner.get(f"/share/{media.post.public_id}/").content.decode()
    assert "This photo cannot be used here." in shown
    assert "known" not in shown
    told = owner.get(f"/api/v1/media/{media.public_id}/").content.decode()
    assert "distance" not in told
    row = Match.objects.get()
    assert (row.subject, row.owner, row.listed) == (media.public_id, ana, listed)
    assert row.distance <= pdq.NEAR


def test_d6_it_goes_into_no_export(ana: User, listed: HashList, sent: Sent) -> None:
    media = cleaned(ana, scene(1), sent)
    made = exports.request_export(ana)
    exports.build(made.public_id)
    made.refresh_from_db()
    data = b"".join(exports.fetch(made))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        mine = [n for n in archive.namelist() if str(media.public_id) in n]
    assert [name.rpartition("/")[2] for name in mine] == ["report.json"]


def test_another_picture_goes_on(ana: User, listed: HashList, sent: Sent) -> None:
    media = cleaned(ana, scene(2), sent)
    assert media.state == State.SCANNING
    assert not Match.objects.exists()


@pytest.mark.parametrize("hasher", ["slow", "broken"])
def test_d6_where_it_cannot_be_compared_it_waits(
    ana: User, listed: HashList, sent: Sent, settings, hasher: str
) -> None:
    settings.NOPEEK_HASHER = DOUBLE + hasher
    settings.NOPEEK_HASH_SECONDS = 0.05
    media = cleaned(ana, scene(2), sent)
    for _ in range(settings.NOPEEK_ATTEMPTS):
        if media.state == State.SANITISING:
            one_stage(media, State.SANITISING)
    assert (media.state, media.problem_code) == (State.FAILED, "list_down")
    # Nothing was made of it, so there is nothing that anybody could be shown.
    assert set(media.sealed.values_list("kind", flat=True)) == {"raw"}
    # It goes on by itself once the lists can be compared with again.
    settings.NOPEEK_HASHER = "privacy.core.pdq.hash_of"
    settings.NOPEEK_HASH_SECONDS = 20
    Media.objects.update(moved_at="2026-01-01T00:00Z")
    housekeeping.reconcile()
    one_stage(media, State.UPLOADED)
    one_stage(media, State.SANITISING)
    assert media.state == State.SCANNING


def test_d6_a_list_that_was_cut_is_no_list(
    ana: User, listed: HashList, sent: Sent
) -> None:
    HashList.objects.update(hashes=b"\0" * 32)
    media = cleaned(ana, scene(2), sent)
    assert media.state == State.SANITISING
    for _ in range(3):
        if media.state == State.SANITISING:
            one_stage(media, State.SANITISING)
    assert media.problem_code == "list_down"
    # Kept anew, it can be read, and what waited goes on at once.
    lists.keep("known", hash_of(scene(1)))
    media.refresh_from_db()
    assert media.state == State.UPLOADED


def test_a_moderator_decides_and_the_log_knows(
    ana: User, listed: HashList, sent: Sent
) -> None:
    media = cleaned(ana, scene(1), sent)
    row = Match.objects.get()
    noor = make_user("noor", is_staff=True)
    noor.user_permissions.set(
        Permission.objects.filter(
            codename__in=["change_report", "add_hashlist", "add_glasspass"]
        )
    )
    client = Client()
    client.force_login(noor)
    shown = client.get("/policy/lists/").content.decode()
    assert "Near “known”" in shown
    assert "<img" not in shown.partition("<main")[2]
    # Whoever has to look does so behind glass: with a reason, told and logged.
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    values = {
        "picture": media.public_id,
        "reason": "A list names it; somebody must look.",
    }
    client.post("/policy/glass/", values)
    looked = client.get(f"/policy/glass/{media.public_id}/picture")
    assert looked.status_code == 200
    url = f"/policy/matches/{row.public_id}/decide"
    client.post(url, {"verb": "release", "why": ""})
    assert Match.objects.get().state == "waiting"
    client.post(url, {"verb": "release", "why": "It is a drawing of ellipses."})
    media.refresh_from_db()
    assert media.state == State.UPLOADED
    one_stage(media, State.UPLOADED)
    one_stage(media, State.SANITISING)
    assert media.state == State.SCANNING, "released: the lists are passed"
    actions = list(AuditEntry.objects.values_list("action", flat=True))
    assert actions.count("match.released") == 1
    assert client.post(url, {"verb": "confirm", "why": "x"}).status_code == 302
    assert Match.objects.get().state == "released"


def test_lists_are_kept_by_page_and_command(tmp_path, listed: HashList) -> None:
    file = tmp_path / "list.txt"
    file.write_text(f"{hash_of(scene(5))}\n{hash_of(scene(6))}\n")
    call_command("hashlists", "keep", "second", str(file), source="a friend")
    assert HashList.objects.get(name="second").count == 2
    noor = make_user("noor", is_staff=True)
    noor.user_permissions.set(Permission.objects.filter(codename="change_report"))
    client = Client()
    client.force_login(noor)
    with file.open("rb") as handle:
        answer = client.post("/policy/lists/", {"name": "third", "file": handle})
    assert answer.status_code == 404, "reading is not keeping"
    noor.user_permissions.add(Permission.objects.get(codename="add_hashlist"))
    for text, status in ((b"nothing\n", 400), (b"\xff\n", 400), (b"", 400)):
        given = ContentFile(text, "a.txt")
        answer = client.post("/policy/lists/", {"name": "third", "file": given})
        assert answer.status_code == status
    with file.open("rb") as handle:
        client.post("/policy/lists/", {"name": "third", "file": handle})
    row = HashList.objects.get(name="third")
    assert row.count == 2
    client.post(f"/policy/lists/{row.public_id}/switch", {"active": "no"})
    assert [one.name for one in lists.read()] == ["known", "second"]


def test_what_is_stored_is_compared_with_a_new_list(
    ana: User, listed: HashList, sent: Sent
) -> None:
    """A picture that was here before the list is withheld as one that comes after."""
    media = make_media(ana, make_post(ana))
    from gallery.work import Work

    pixels = Work(media).picture.pixels
    found = pdq.hash_of(pixels)
    lists.keep("later", found.hex)
    assert found.tells
    pipeline.recheck(media.public_id)
    media.refresh_from_db()
    assert media.state == State.REJECTED
    assert set(
        SealedObject.objects.filter(media=media).values_list("kind", flat=True)
    ) == {
        "raw",
        "withheld",
    }
    client = Client()
    client.force_login(ana)
    assert client.get(f"/m/{media.public_id}/feed.jpg").status_code == 404
    withholding.release(media.public_id)
    one_stage(media, State.UPLOADED)


def test_a_copy_of_the_rows_tells_no_hash_of_a_picture(
    ana: User, listed: HashList, sent: Sent
) -> None:
    """The hash of an upload is compared and thrown away: it is in no row and no log."""
    cleaned(ana, scene(2), sent)
    wanted = hash_of(scene(2))
    from django.core import serializers

    held = serializers.serialize(
        "json", [*Media.objects.all(), *Match.objects.all(), *AuditEntry.objects.all()]
    )
    assert wanted not in json.dumps(held)
