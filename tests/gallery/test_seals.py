"""M7: sealed places open for whoever is let closer, through the one door, and for nobody
else; and X1 on the packets."""

from __future__ import annotations

import json
import random
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client

from accounts.models import Block, Closeness, Follow, User
from accounts.services import suspend
from gallery import erasure, housekeeping, links, seals, services, storage, vault
from gallery.access import access_media
from gallery.models import Media, Post, Rendition, SealedObject, TierView
from gallery.replan import replan
from gallery.work import Work
from privacy import decisions, review
from privacy.core import inlay
from privacy.core.redact.mask import region_mask, union_mask
from privacy.core.sanitise import decode_master, encode_master
from privacy.core.types import Grid, Region, Style, Tier, Treatment
from privacy.models import Finding
from tests.factories import (
    PLACES,
    People,
    make_media,
    make_user,
    people,
    publish_tiers,
)
from tests.gallery.stored import taken, tampered

pytestmark = pytest.mark.django_db

FACE, PLATE, CARD = PLACES


@pytest.fixture
def six() -> People:
    return people()


@pytest.fixture
def media(six: People) -> Media:
    """Face sealed from strangers, plate from followers too, card from everybody."""
    return make_media(six.alice, style="seal")


@dataclass
class Page:
    """What a browser's page does, in other words than static/js/unlock.js."""

    user: User | None

    def __post_init__(self) -> None:
        self.client = Client()
        if self.user is not None:
            self.client.force_login(self.user)
        self.pair = ec.generate_private_key(ec.SECP256R1())

    @property
    def point(self) -> bytes:
        return self.pair.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )

    def asks(self, media: Media, point: bytes | None = None) -> Any:
        page = (self.point if point is None else point).hex()
        return self.client.post(f"/m/{media.public_id}/unlock", {"page": page})

    def packet(self, media: Media) -> Any:
        return self.client.get(f"/m/{media.public_id}/sealed")

    def key(self, handed: dict[str, Any], media: uuid.UUID) -> bytes:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), bytes.fromhex(handed["public"])
        )
        info = b"nopeek/handed/1" + self.bound(handed, media)
        shared = self.pair.exchange(ec.ECDH(), theirs)
        salt = bytes.fromhex(handed["salt"])
        wrapping = HKDF(hashes.SHA256(), 32, salt, info).derive(shared)
        nonce, wrapped = (
            bytes.fromhex(handed["nonce"]),
            bytes.fromhex(handed["wrapped"]),
        )
        return AESGCM(wrapping).decrypt(nonce, wrapped, info)

    @staticmethod
    def bound(handed: dict[str, Any], media: uuid.UUID) -> bytes:
        number = int(handed["version"]).to_bytes(8, "big")
        return b"/nopeek/1/" + media.bytes + number + handed["kind"].encode()

    def opens(self, media: Media) -> inlay.Inlay:
        handed = self.asks(media).json()
        blob = self.packet(media).content
        key = self.key(handed, media.public_id)
        bound = b"object" + self.bound(handed, media.public_id)
        return inlay.read(AESGCM(key).decrypt(blob[4:16], blob[16:], bound))


def original(media: Media) -> np.ndarray[Any, Any]:
    return decode_master(vault.open_sealed(media, "master"), Grid()).pixels


def shown(found: inlay.Inlay) -> set[str]:
    """Which of the drawn places a packet reaches over."""
    names = set()
    for name, box in PLACES.items():
        region = Region(name, box, Treatment(Style.SEAL))
        mask = region_mask(region, found.width, found.height, Grid())
        whole = np.zeros_like(mask)
        for (top, left, high, wide), _part in found.parts:
            whole[top : top + high, left : left + wide] = True
        if (whole & mask).sum() == mask.sum():
            names.add(name)
    return names


def views(media: Media) -> dict[Tier, TierView]:
    return {Tier(view.tier): view for view in media.views.all()}


# --- who opens what ------------------------------------------------------------------


def test_a_tier_opens_what_it_sees_and_a_stricter_one_does_not(
    six: People, media: Media
) -> None:
    """To the bit what is in its own picture, of which the rest of a place may be masked:
    here masks touch each other."""
    clear, scan = original(media), decisions.current_scan(media.public_id)
    assert scan is not None
    plans = decisions.plans_for(scan)
    for who, tier, names in (
        (six.bob, Tier.SEMI, {FACE}),
        (six.carol, Tier.NONE, {FACE, PLATE}),
    ):
        found = Page(who).opens(media)
        assert shown(found) == names
        own = Work(media).pixels(plans[tier])
        free = ~union_mask(plans[tier].regions, 120, 80, Grid())
        for (top, left, high, wide), part in found.parts:
            place = np.s_[top : top + high, left : left + wide]
            assert np.array_equal(part, own[place])
            assert free[place].any()
            assert np.array_equal(part[free[place]], clear[place][free[place]])


def test_everybody_else_gets_the_one_404(six: People, media: Media) -> None:
    """Its owner too, who has the clear picture; and what has no seal at all."""
    plain = make_media(six.alice)
    nothing = Client().get(f"/m/{uuid.uuid4()}/feed.jpg")
    hugo, ines = make_user("hugo"), make_user("ines", is_staff=True, is_superuser=True)
    Follow.objects.create(
        follower=hugo, followee=six.alice, closeness=2, accepted_at=media.created_at
    )
    suspend(hugo)
    cases = [(who, media) for who in (six.dan, six.erin, six.frank, None, hugo, ines)]
    cases += [(six.alice, media)]
    cases += [(who, plain) for who in (six.alice, six.bob, six.carol, six.erin, None)]
    for who, what in cases:
        page = Page(who)
        for answer in (page.asks(what), page.packet(what), page.asks(what, b"no")):
            assert answer.status_code == 404
            assert answer.content == nothing.content
            assert answer["Content-Type"] == nothing["Content-Type"]


def test_what_is_shown_is_the_tiers_own_picture_and_tells_how_many_are_sealed(
    six: People, media: Media
) -> None:
    for who, tier in ((six.erin, Tier.FULL), (six.bob, Tier.SEMI), (None, Tier.FULL)):
        counted = access_media(who, media.public_id).sealed
        assert counted == views(media)[tier].sealed > 0
    assert access_media(six.alice, media.public_id).sealed == 0
    for who, there in ((six.erin, True), (six.carol, True), (six.alice, False)):
        page = Page(who).client.get(f"/p/{media.post.public_id}/").content.decode()
        assert ("data-unlock" in page) is there


def test_a_promoted_follower_opens_the_very_file_that_was_sealed(
    six: People, media: Media
) -> None:
    page = Page(six.bob)
    before = page.client.get(f"/m/{media.public_id}/full.jpg").content
    held = Follow.objects.get(follower=six.bob)
    assert shown(page.opens(media)) == {FACE}
    held.closeness = Closeness.CLOSE
    held.save()
    assert shown(page.opens(media)) == {FACE, PLATE}
    rendition = Rendition.objects.get(
        media=media, plan=views(media)[Tier.SEMI].plan, size="full", format="jpeg"
    )
    assert (
        storage.get(storage.renditions(), rendition.key) == before
    )  # it never changed


def test_demotion_block_and_audience_count_from_the_next_request_on(
    six: People, media: Media
) -> None:
    page = Page(six.bob)
    held = Follow.objects.get(follower=six.bob)
    for act in (
        lambda: Follow.objects.filter(pk=held.pk).update(closeness=Closeness.DISTANT),
        lambda: Follow.objects.filter(pk=held.pk).update(accepted_at=None),
        lambda: Block.objects.create(blocker=six.bob, blocked=six.alice),
        lambda: services.set_audience(media.post, "only_me"),
    ):
        assert page.asks(media).status_code == page.packet(media).status_code == 200
        act()
        assert page.asks(media).status_code == page.packet(media).status_code == 404
        Block.objects.filter(blocker=six.bob).delete()
        held.save()
        Post.objects.update(audience="everyone")


def test_a_link_opens_nothing(six: People, media: Media) -> None:
    """Its tier never changes: nobody comes closer by it."""
    _link, token = links.make(media.post, tier=Tier.SEMI)
    page = Client().get(f"/l/{token}/")
    assert page.status_code == 200
    assert b"data-unlock" not in page.content
    assert Client().get(f"/l/{token}/{media.public_id}/sealed").status_code == 404
    assert Page(None).packet(media).status_code == 404


def test_a_page_key_that_is_none_is_a_400_for_who_may_open_alone(
    six: People, media: Media
) -> None:
    page = Page(six.bob)
    zero = b"\4" + bytes(64)  # not on the curve
    for bad in (b"", b"x" * 65, page.point[:-1], zero):
        assert page.asks(media, bad).status_code == 400
    odd = page.client.post(f"/m/{media.public_id}/unlock", {"page": "zz"})
    assert odd.status_code == 400


def test_answers_are_kept_by_nobody(six: People, media: Media) -> None:
    page = Page(six.bob)
    for answer in (page.asks(media), page.packet(media)):
        assert answer["Cache-Control"] == "private, no-store"
        assert "ETag" not in answer.headers
    assert page.packet(media)["X-Content-Type-Options"] == "nosniff"


# --- the key and the packet: X1, X2 --------------------------------------------------


def test_a_key_opens_for_the_page_that_asked_and_never_travels_bare(
    six: People, media: Media
) -> None:
    page, other = Page(six.bob), Page(six.bob)
    answer = page.asks(media)
    row = SealedObject.objects.get(media=media, kind="seal_semi")
    bare = vault.object_key(
        six.alice.pk, media.public_id, row.kind, bytes(row.wrapped), row.version
    )
    assert page.key(answer.json(), media.public_id) == bare
    assert bare.hex() not in answer.content.decode()
    with pytest.raises(InvalidTag):
        other.key(answer.json(), media.public_id)
    again = [json.dumps(page.asks(media).json()["wrapped"]) for _ in range(20)]
    assert len(set(again)) == 20


def test_x1_a_handed_key_is_bound_to_picture_kind_and_version(
    six: People, media: Media
) -> None:
    page = Page(six.carol)
    handed = page.asks(media).json()
    page.key(handed, media.public_id)
    for change in ({"kind": "seal_semi"}, {"version": handed["version"] + 1}):
        with pytest.raises(InvalidTag):
            page.key({**handed, **change}, media.public_id)
    with pytest.raises(InvalidTag):
        page.key(handed, uuid.uuid4())


def test_x1_packets_flipped_cut_or_swapped_are_refused(six: People) -> None:
    one, other = (make_media(six.alice, style="seal") for _ in range(2))
    page = Page(six.bob)
    good = page.packet(one).content
    assert shown(page.opens(one)) == {FACE}
    row = SealedObject.objects.get(media=one, kind="seal_semi")
    assert good == taken(row.key)
    dice = random.Random(5)
    bad = [good[:-1], good[:20], good + b"\0", good[: len(good) // 2]]
    for _ in range(60):
        bit = dice.randrange(8 * 4, len(good) * 8)
        flipped = bytearray(good)
        flipped[bit // 8] ^= 1 << bit % 8
        bad.append(bytes(flipped))
    bad.append(page.packet(other).content)
    bad.append(Page(six.carol).packet(one).content)
    for data in bad:
        tampered(row.key, data)
        with pytest.raises(InvalidTag):
            page.opens(one)
    tampered(row.key, good)
    theirs = SealedObject.objects.get(media=other, kind="seal_semi")
    SealedObject.objects.filter(pk=row.pk).update(
        key=theirs.key, wrapped=theirs.wrapped
    )
    assert page.asks(one).status_code == 404  # its key does not unwrap for this picture


# --- non-interference ----------------------------------------------------------------


def test_what_strangers_get_does_not_depend_on_the_inside(six: People) -> None:
    """Two photos that differ under the seals alone: the same bytes, the same lengths."""
    one, other = (make_media(six.alice, style="seal") for _ in range(2))
    secret = decode_master(vault.open_sealed(other, "master"), Grid())
    changed = secret.pixels.copy()
    dice = np.random.default_rng(11)
    for name, box in PLACES.items():
        mask = region_mask(Region(name, box, Treatment()), 120, 80, Grid())
        changed[mask] = dice.integers(0, 256, (int(mask.sum()), 3), dtype=np.uint8)
    vault.seal(other, "master", encode_master(changed))
    TierView.objects.filter(media=other).update(seal_made="")
    vault.discard(other, "seal_semi")
    vault.discard(other, "seal_none")
    publish_tiers(other)
    assert not np.array_equal(
        Page(six.carol).opens(one).parts[0][1], Page(six.carol).opens(other).parts[0][1]
    )
    for who in (six.bob, six.carol):
        first, second = Page(who).packet(one), Page(who).packet(other)
        assert len(first.content) == len(second.content)
    grants = [access_media(None, each.public_id) for each in (one, other)]
    assert grants[0].plan == grants[1].plan
    assert grants[0].sealed == grants[1].sealed


# --- changes -------------------------------------------------------------------------


def region_of(media: Media, category: str) -> str:
    found = Finding.objects.get(scan__subject=media.public_id, category=category)
    return found.region


def test_a_change_destroys_the_key_at_once_and_a_worker_makes_another(
    six: People, media: Media, django_capture_on_commit_callbacks: Any
) -> None:
    page = Page(six.carol)
    old = SealedObject.objects.get(media=media, kind="seal_none")
    with django_capture_on_commit_callbacks(execute=True):
        review.set_style(media.public_id, [region_of(media, FACE)], "veil")
        replan(media)
    assert not SealedObject.objects.filter(pk=old.pk).exists()
    assert not storage.originals().exists(old.key)
    assert page.asks(media).status_code == page.packet(media).status_code == 404
    publish_tiers(media)
    assert shown(page.opens(media)) == {PLATE}
    new = SealedObject.objects.get(media=media, kind="seal_none")
    assert bytes(new.wrapped) != bytes(old.wrapped)
    assert Page(six.bob).asks(media).status_code == 404  # nothing is sealed from FULL


def test_what_changes_nothing_keeps_the_key(six: People, media: Media) -> None:
    before = list(SealedObject.objects.order_by("pk").values_list("pk", "key"))
    replan(media)
    publish_tiers(media)
    assert list(SealedObject.objects.order_by("pk").values_list("pk", "key")) == before


def test_a_region_that_closes_for_a_tier_is_no_longer_opened_by_it(
    six: People, media: Media
) -> None:
    review.set_choice(media.public_id, region_of(media, FACE), "hide")
    replan(media)
    publish_tiers(media)
    assert Page(six.bob).packet(media).status_code == 404
    assert shown(Page(six.carol).opens(media)) == {PLATE}


def test_a_packet_that_is_missing_is_asked_for_again(
    six: People, media: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not seals.due(media)
    TierView.objects.filter(media=media, tier=2).update(seal_made="")
    assert seals.due(media)
    assert Page(six.carol).asks(media).status_code == 404
    Media.objects.update(moved_at="2020-01-01T00:00:00Z")
    assert housekeeping._unrendered([]) == [media.public_id]


# --- end of life ---------------------------------------------------------------------


def test_deleting_destroys_keys_first_and_the_receipt_counts_them(
    six: People, media: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page(six.bob)
    handed, blob = page.asks(media).json(), page.packet(media).content
    rows = SealedObject.objects.filter(media=media, kind__in=seals.KINDS.values())
    keys = list(rows.values_list("key", flat=True))
    monkeypatch.setattr(storage, "remove_all", list)  # objects stay for now
    receipt = services.delete_post(media.post)
    assert receipt.gone["seals"] == len(keys) == 2
    assert all(storage.originals().exists(key) for key in keys)
    assert page.asks(media).status_code == page.packet(media).status_code == 404
    assert handed  # what was handed once opens what was fetched once: not promised away
    assert blob


def test_erasing_an_account_counts_them_too(six: People, media: Media) -> None:
    assert erasure.erase_account(six.alice).gone["seals"] == 2
    assert not SealedObject.objects.exists()


def test_storage_and_database_name_the_same_objects(six: People, media: Media) -> None:
    named = set(SealedObject.objects.values_list("key", flat=True))
    assert set(
        SealedObject.objects.filter(kind__in=seals.KINDS.values()).values_list(
            "key", flat=True
        )
    )
    housekeeping.drop_orphans(timedelta(0))  # what other tests have left behind
    assert {key for key, _written in storage.listing("originals")} == named


def test_recipes_name_what_is_opened_and_of_what(six: People, media: Media) -> None:
    scan = decisions.current_scan(media.public_id)
    assert scan is not None
    plans = decisions.plans_for(scan)
    made = {tier: seals.recipe(plans, tier) for tier in Tier}
    assert made[Tier.FULL] == ""
    assert len({made[Tier.SEMI], made[Tier.NONE], ""}) == 3
    assert {tier: view.seal for tier, view in views(media).items()} == made
