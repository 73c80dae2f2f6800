"""STAGE 0, and what a broken broker or a full account does to it."""

from __future__ import annotations

import io
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from PIL import Image

from accounts.models import User
from gallery import housekeeping, moves, storage, tasks, vault
from gallery.models import Media, Post
from gallery.states import State
from gallery.upload import accept
from privacy.core.errors import LimitExceeded, RefusedInput
from tests.factories import make_user
from tests.gallery.stored import files_only

pytestmark = pytest.mark.django_db


def picture(
    seed: int = 0, fmt: str = "JPEG", size: tuple[int, int] = (64, 48)
) -> bytes:
    dice = np.random.default_rng(seed)
    pixels = dice.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, fmt)
    return file.getvalue()


def upload(data: bytes, name: str = "a.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "image/jpeg")


@pytest.fixture
def owner() -> User:
    return make_user("alice")


@pytest.fixture
def post(owner: User) -> Post:
    return Post.objects.create(owner=owner)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What went to the broker."""
    out: list[str] = []
    for task in (tasks.advance_media, tasks.render_media):
        monkeypatch.setattr(task, "apply_async", lambda args, **_: out.append(args[0]))
    return out


def stored() -> set[str]:
    return {key for key, _ in storage.listing("originals")}


def test_an_upload_is_sealed_and_queued(
    owner: User, post: Post, sent: list[str], django_capture_on_commit_callbacks
) -> None:
    data = picture()
    with django_capture_on_commit_callbacks(execute=True):
        media = accept(owner, post, upload(data))
        assert sent == []  # nothing is sent before the commit
    assert sent == [str(media.public_id)]
    assert media.state == State.UPLOADED
    assert vault.open_sealed(media, "raw") == data
    assert len(bytes(media.mask_secret)) == 32


def test_u1_the_type_is_told_from_the_bytes(owner: User, post: Post) -> None:
    accept(owner, post, upload(picture(fmt="PNG"), "photo.jpg"))
    for data in (b"<svg xmlns='x'/>", b"%PDF-1.7", b"GIF", b"<html>", b"\0" * 64):
        with pytest.raises(RefusedInput) as caught:
            accept(owner, post, upload(data, "photo.jpg"))
        assert caught.value.code == "unsupported"
    assert Media.objects.count() == 1


@pytest.mark.parametrize(
    "name",
    ["../../x", "a\0b", "a\r\nSet-Cookie: x", "\u202egpj.exe", "a" * 300, "con", "😀"],
)
def test_u8_the_files_name_is_used_for_nothing(
    owner: User, post: Post, name: str
) -> None:
    file = upload(picture())
    file._name = name  # as a client may send it
    media = accept(owner, post, file)
    key = media.sealed.get().key
    assert name not in key
    folder, _, rest = key.partition("/")
    assert rest.startswith(folder)
    assert rest.isalnum()


def test_u5_the_limit_of_bytes_is_exact(owner: User, post: Post, settings) -> None:
    data = picture()
    settings.NOPEEK_LIMITS = {**settings.NOPEEK_LIMITS, "bytes": len(data)}
    accept(owner, post, upload(data))
    before = stored()
    with pytest.raises(LimitExceeded):
        accept(owner, post, upload(picture(1) + b"x" * 10))
    lying = upload(picture(2) + b"x" * len(data))
    lying.size = 10  # a declared length that lies
    with pytest.raises(LimitExceeded):
        accept(owner, post, lying)
    with pytest.raises(RefusedInput) as caught:
        accept(owner, post, upload(b""))
    assert caught.value.code == "empty"
    assert stored() == before


def test_u15_the_quota_is_exact(owner: User, post: Post, settings) -> None:
    settings.NOPEEK_LIMITS = {**settings.NOPEEK_LIMITS, "files_per_user": 2}
    other = Post.objects.create(owner=owner)
    accept(owner, post, upload(picture(1)))
    accept(owner, other, upload(picture(2)))
    before = stored()
    with pytest.raises(RefusedInput) as caught:
        accept(owner, post, upload(picture(3)))
    assert caught.value.code == "too_many"
    assert stored() == before


def test_a_post_holds_ten(owner: User, post: Post, settings) -> None:
    settings.NOPEEK_LIMITS = {**settings.NOPEEK_LIMITS, "files_per_post": 3}
    places = [accept(owner, post, upload(picture(i))).position for i in range(3)]
    assert places == [0, 1, 2]
    with pytest.raises(RefusedInput):
        accept(owner, post, upload(picture(4)))


@pytest.mark.django_db(transaction=True)
def test_u15_the_quota_is_exact_when_uploads_race(settings, sent: list[str]) -> None:
    settings.NOPEEK_LIMITS = {**settings.NOPEEK_LIMITS, "files_per_user": 3}
    owner = make_user("alice")
    post = Post.objects.create(owner=owner)
    outcomes: list[str] = []
    start = threading.Barrier(6)

    def run(seed: int) -> None:
        start.wait()
        try:
            accept(owner, post, upload(picture(seed)))
            outcomes.append("taken")
        except RefusedInput as error:
            outcomes.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["taken"] * 3 + ["too_many"] * 3
    assert Media.objects.filter(owner=owner).count() == 3


def test_u16_equal_files_of_two_people_never_meet(owner: User, post: Post) -> None:
    bob = make_user("bob")
    data = picture()
    mine = accept(owner, post, upload(data))
    theirs = accept(bob, Post.objects.create(owner=bob), upload(data))
    assert mine.pk != theirs.pk
    assert mine.upload_digest != theirs.upload_digest
    assert bytes(mine.mask_secret) != bytes(theirs.mask_secret)
    assert mine.sealed.get().key != theirs.sealed.get().key


def test_i10_the_same_photo_of_the_same_person_keeps_its_secret(
    owner: User, post: Post
) -> None:
    data = picture()
    first = accept(owner, post, upload(data))
    again = accept(owner, Post.objects.create(owner=owner), upload(data))
    other = accept(owner, post, upload(picture(1)))
    assert again.pk != first.pk
    assert bytes(again.mask_secret) == bytes(first.mask_secret)
    assert bytes(other.mask_secret) != bytes(first.mask_secret)


def test_sending_a_file_twice_into_one_post_is_harmless(
    owner: User, post: Post
) -> None:
    first = accept(owner, post, upload(picture()))
    before = stored()
    assert accept(owner, post, upload(picture())).pk == first.pk
    assert stored() == before


def test_a12_nobody_uploads_into_anothers_post(post: Post) -> None:
    with pytest.raises(RefusedInput) as caught:
        accept(make_user("bob"), post, upload(picture()))
    assert caught.value.code == "not_yours"
    assert not Media.objects.exists()


def test_k2_a_broker_that_is_down_costs_nothing_but_time(
    owner: User,
    post: Post,
    settings,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks,
) -> None:
    def down(*_args: object, **_kwargs: object) -> None:
        raise ConnectionError("nobody there")

    monkeypatch.setattr(tasks.advance_media, "apply_async", down)
    with django_capture_on_commit_callbacks(execute=True):
        media = accept(owner, post, upload(picture()))
    assert media.state == State.UPLOADED
    heard: list[str] = []
    monkeypatch.setattr(
        tasks.advance_media, "apply_async", lambda args, **_: heard.append(args[0])
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert housekeeping.reconcile() == 0  # it may be on its way
    settings.NOPEEK_STALL_SECONDS = 0
    with django_capture_on_commit_callbacks(execute=True):
        assert housekeeping.reconcile() == 1
    assert heard == [str(media.public_id)]


@files_only
def test_k7_a_full_disk_refuses_the_upload_whole(
    owner: User, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    before = stored()
    monkeypatch.setattr("gallery.storage.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        accept(owner, post, upload(picture()))
    monkeypatch.undo()
    assert not Media.objects.exists()
    assert stored() == before


@files_only
def test_twelve_megapixels_are_taken_in_under_300_ms(owner: User, post: Post) -> None:
    # Noise compresses badly: some 10 MB, more than a camera's file of this size.
    data = picture(size=(4000, 3000))
    best = 9.9
    for _ in range(3):
        start = time.perf_counter()
        accept(owner, Post.objects.create(owner=owner), upload(data))
        best = min(best, time.perf_counter() - start)
    assert best < 0.3


def test_what_a_killed_web_process_left_half_received_is_removed(settings) -> None:
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    left = folder / "tmpabc.upload.jpg"
    left.write_bytes(b"in the clear")
    housekeeping.drop_incoming()
    assert left.exists()  # it may be on its way in
    housekeeping.after_a_crash()
    assert not left.exists()


def test_a_claim_is_taken_once(owner: User, post: Post, settings) -> None:
    media = accept(owner, post, upload(picture()))
    row = Media.objects.get(pk=media.pk)
    mine = moves.Claim.take(row)
    assert mine is not None
    assert moves.Claim.take(row) is None  # from the same look at the row
    fresh = Media.objects.get(pk=media.pk)
    assert moves.Claim.take(fresh) is None  # it may still be at work
    settings.NOPEEK_STALL_SECONDS = 0
    theirs = moves.Claim.take(fresh)
    assert theirs is not None
    assert not mine.beat()
    with pytest.raises(moves.Superseded):
        mine.move(State.SANITISING)
    theirs.move(State.SANITISING)
    assert Media.objects.get(pk=media.pk).state == State.SANITISING
    with pytest.raises(ValueError, match="does not lead"):
        theirs.move(State.READY)
