"""Grant -> bytes: right pixels, right headers, parts of one version only."""

from __future__ import annotations

import io
import re
import uuid

import numpy as np
import pytest
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from accounts import services as ties
from accounts.models import Closeness, User
from gallery import storage
from gallery.models import Media, Rendition, SealedObject, TierView
from gallery.renditions import encode_all, ensure
from privacy.core.types import Tier
from tests.factories import People, make_media, make_post, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def six() -> People:
    return people()


def by(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def get(
    user: User | None, media: Media, name: str = "feed.jpg", **headers: str
) -> HttpResponse:
    return by(user).get(f"/m/{media.public_id}/{name}", headers=headers)  # type: ignore[return-value,arg-type]


def stored(media: Media, tier: Tier, size: str = "feed", form: str = "jpeg") -> bytes:
    view = TierView.objects.get(media=media, tier=tier)
    row = Rendition.objects.get(media=media, plan=view.plan, size=size, format=form)
    return storage.get(storage.renditions(), row.key)


def test_c1_one_address_and_different_pixels(six: People) -> None:
    media = make_media(six.alice)
    got = {
        name: get(who, media).content
        for name, who in {
            "bob": six.bob,
            "carol": six.carol,
            "erin": six.erin,
            "frank": six.frank,
            "anonymous": None,
            "alice": six.alice,
        }.items()
    }
    assert got["bob"] == stored(media, Tier.SEMI)
    assert got["carol"] == stored(media, Tier.NONE)
    assert got["erin"] == stored(media, Tier.FULL)
    assert got["frank"] == got["anonymous"] == got["erin"]
    assert len(set(got.values())) == 4


@pytest.mark.parametrize("size", ["thumb", "feed", "full"])
@pytest.mark.parametrize(("ext", "form"), [("jpg", "jpeg"), ("webp", "webp")])
def test_sizes_and_formats(six: People, size: str, ext: str, form: str) -> None:
    media = make_media(six.alice)
    response = get(six.bob, media, f"{size}.{ext}")
    assert response.content == stored(media, Tier.SEMI, size, form)
    assert response["Content-Type"] == f"image/{form}"
    assert Image.open(io.BytesIO(response.content)).format == form.upper()


def test_avif_is_served_where_there_is_one_and_webp_else(six: People) -> None:
    media = make_media(six.alice)
    old = get(six.bob, media, "feed.avif")
    assert old["Content-Type"] == "image/webp"
    assert old.content == stored(media, Tier.SEMI, "feed", "webp")
    plan = media.views.get(tier=int(Tier.SEMI)).plan
    pixels = np.zeros((80, 120, 3), dtype=np.uint8)
    ensure(media, plan, encode_all(pixels))
    new = get(six.bob, media, "feed.avif")
    assert new["Content-Type"] == "image/avif"
    assert new["ETag"] != old["ETag"]
    assert Image.open(io.BytesIO(new.content)).format == "AVIF"
    assert get(six.bob, media, "full.avif")["Content-Type"] == "image/webp"
    # Another tier has no AVIF of its own, and does not get this one.
    assert get(six.carol, media, "feed.avif").content == stored(
        media, Tier.NONE, "feed", "webp"
    )


def test_pages_offer_each_format(six: People) -> None:
    media = make_media(six.alice)
    client = Client()
    client.force_login(six.bob)
    page = client.get(f"/p/{media.post.public_id}/").content.decode()
    for kind, ending in (("avif", "feed.avif"), ("webp", "full.webp")):
        found = re.search(f'<source type="image/{kind}"[^>]*srcset="([^"]*)"', page)
        assert found
        assert ending in found[1]
        # Widths are those of the files: the picture is 120 pixels wide.
        assert set(re.findall(r" (\d+)w", found[1])) == {"120"}


def test_owner_gets_the_clear_picture_as_what_it_is(six: People) -> None:
    media = make_media(six.alice)
    response = get(six.alice, media, "full.webp")
    assert response["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(response.content)).size == (120, 80)


@pytest.mark.parametrize(
    "name", ["huge.jpg", "feed.png", "feed.jpg.css", "master.jpg", "feed.JPG", ".jpg"]
)
def test_i13_no_other_size_or_format(six: People, name: str) -> None:
    assert get(six.alice, make_media(six.alice), name).status_code == 404


def test_c2_headers(six: People) -> None:
    media = make_media(six.alice)
    for who in (six.alice, six.bob, None):
        response = get(who, media)
        assert response["Cache-Control"] == "private, no-cache"
        assert {"Cookie", "Authorization"} <= set(response["Vary"].split(", "))
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["Content-Disposition"] == "inline"
        assert response["ETag"].startswith('"')
        assert "Expires" not in response
        assert "Last-Modified" not in response


def test_m10_etag_tells_nothing_of_key_or_plan(six: People) -> None:
    media = make_media(six.alice)
    row = Rendition.objects.filter(media=media).first()
    assert row is not None
    tag = get(six.bob, media)["ETag"].strip('"')
    known = (row.key, row.plan, row.sha256, media.upload_digest)
    assert not any(tag in value or value in tag for value in known)
    twin = make_media(six.alice)
    assert get(six.bob, twin).content == get(six.bob, media).content
    assert get(six.bob, twin)["ETag"] != get(six.bob, media)["ETag"]


def test_not_modified_for_the_same_version_only(six: People) -> None:
    media = make_media(six.alice)
    tag = get(six.bob, media)["ETag"]
    again = get(six.bob, media, **{"If-None-Match": tag})
    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == tag
    assert again["Cache-Control"] == "private, no-cache"


def test_c3_etag_never_mixes_levels(six: People) -> None:
    media = make_media(six.alice)
    viewers = [six.alice, six.bob, six.carol, None]
    tags = [get(who, media)["ETag"] for who in viewers]
    assert len(set(tags)) == len(viewers)
    for who, own in zip(viewers, tags, strict=True):
        whole = get(who, media).content
        for tag in tags:
            if tag == own:
                continue
            asked = get(who, media, **{"If-None-Match": tag})
            assert (asked.status_code, asked.content) == (200, whole)
            part = get(who, media, Range="bytes=5-", **{"If-Range": tag})
            assert (part.status_code, part.content) == (200, whole)


def test_demotion_holds_on_the_next_request(six: People) -> None:
    media = make_media(six.alice)
    before = get(six.carol, media)
    ties.set_closeness(six.alice, six.carol, Closeness.DISTANT)
    after = get(six.carol, media, **{"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert after.content == stored(media, Tier.FULL)
    ties.block(six.alice, six.carol)
    gone = get(six.carol, media, **{"If-None-Match": after["ETag"]})
    assert gone.status_code == 404


@given(
    first=st.one_of(st.none(), st.integers(0, 10**7)),
    last=st.one_of(st.none(), st.integers(0, 10**7)),
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_c4_one_range_of_one_rendition(
    six: People, first: int | None, last: int | None
) -> None:
    media = Media.objects.first() or make_media(six.alice)
    whole = stored(media, Tier.FULL)
    wanted = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    response = get(None, media, Range=wanted)
    size = len(whole)
    if (first is None and last is None) or (
        first is not None and last is not None and last < first
    ):
        assert (response.status_code, response.content) == (200, whole)
    elif (first is not None and first >= size) or (first is None and last == 0):
        assert response.status_code == 416
        assert response["Content-Range"] == f"bytes */{size}"
        assert response.content == b""
    else:
        start = first if first is not None else max(0, size - (last or 0))
        stop = size if first is None or last is None else min(last + 1, size)
        assert response.status_code == 206
        assert response.content == whole[start:stop]
        assert response["Content-Range"] == f"bytes {start}-{stop - 1}/{size}"
        assert response["Content-Length"] == str(stop - start)


@pytest.mark.parametrize(
    "value",
    [
        "bytes=0-0,2-3",
        "bytes=" + ",".join(f"{i}-{i + 9}" for i in range(1000)),
        "items=0-1",
        "bytes=a-b",
        "bytes=-",
        "bytes=0-1;2-3",
    ],
)
def test_c4_many_or_broken_ranges_are_the_whole(six: People, value: str) -> None:
    media = make_media(six.alice)
    response = get(None, media, Range=value)
    assert response.status_code == 200
    assert response.content == stored(media, Tier.FULL)


def test_a2_head_says_what_get_says(six: People) -> None:
    media = make_media(six.alice)
    for who in (six.alice, six.bob, six.dan, None):
        url = f"/m/{media.public_id}/feed.jpg"
        got, head = by(who).get(url), by(who).head(url)
        assert head.status_code == got.status_code
        assert head.content == b""
        assert head.headers == got.headers
    assert by(six.bob).post(f"/m/{media.public_id}/feed.jpg").status_code == 405


@pytest.mark.parametrize("word", ["full", "semi", "none"])
def test_see_as_a_tier_is_byte_for_byte_theirs(six: People, word: str) -> None:
    media = make_media(six.alice)
    person = {"full": six.erin, "semi": six.bob, "none": six.carol}[word]
    mine = get(six.alice, media, f"feed.jpg?as={word}")
    theirs = get(person, media)
    assert mine.content == theirs.content
    assert mine["ETag"] == theirs["ETag"]
    by_name = get(six.alice, media, f"feed.jpg?as=@{person.username}")
    assert by_name.content == theirs.content


def test_see_as_of_nobody_is_not_found(six: People) -> None:
    media = make_media(six.alice, make_post(six.alice, "close"))
    for word in ("@bob", "@dan", "@nobody", "@", "everything"):
        assert get(six.alice, media, f"feed.jpg?as={word}").status_code == 404


def test_see_as_is_the_owners_alone(six: People) -> None:
    media = make_media(six.alice)
    for who in (six.bob, six.carol, six.dan, None):
        for word in ("none", "full", "@carol", f"@{six.alice.username}"):
            assert get(who, media, f"feed.jpg?as={word}").status_code == 404


def test_x_accel_hands_over_the_rendition_alone(six: People, settings: object) -> None:
    settings.NOPEEK_ACCEL_PREFIX = "/inner/"  # type: ignore[attr-defined]
    media = make_media(six.alice)
    view = TierView.objects.get(media=media, tier=Tier.SEMI)
    row = Rendition.objects.get(media=media, plan=view.plan, size="feed", format="jpeg")
    response = get(six.bob, media)
    assert response["X-Accel-Redirect"] == f"/inner/{row.key}"
    assert response.content == b""
    assert response["Cache-Control"] == "private, no-cache"
    assert "X-Accel-Redirect" not in get(six.alice, media)
    assert "X-Accel-Redirect" not in get(six.dan, media)


def test_k8_missing_object_is_not_found_and_never_another(six: People) -> None:
    media = make_media(six.alice)
    for row in Rendition.objects.filter(media=media):
        storage.remove(storage.renditions(), row.key)
    SealedObject.objects.filter(media=media).delete()
    for who in (six.alice, six.bob, None):
        assert get(who, media).status_code == 404


def test_a3_every_refusal_is_the_same(six: People) -> None:
    media = make_media(six.alice, make_post(six.alice, "only_me"))
    draft = make_media(six.alice, make_post(six.alice, published=False))
    refusals = [
        get(six.bob, media),
        get(six.dan, media),
        get(six.bob, draft),
        by(six.bob).get(f"/m/{uuid.uuid4()}/feed.jpg"),
        by(six.bob).get(f"/m/{uuid.uuid4()}/huge.jpg"),
        get(six.bob, media, "feed.jpg?as=none"),
    ]
    assert {one.status_code for one in refusals} == {404}
    assert len({one.content for one in refusals}) == 1
    assert len({tuple(sorted(one.headers.items())) for one in refusals}) == 1
