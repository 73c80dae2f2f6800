"""LIGHT: what of a picture is sealed, who may open it, and how a key changes hands.

A region whose style is ``seal`` is masked like any other. For each tier that sees it
while a stricter one does not there lies, beside the renditions, one packet with the
pixels of all such places (``privacy.core.inlay``), sealed by the vault under a key of
its own. Whoever is let closer gets packet and key through the one door, and the picture
that they hold already opens. The packet shows what their own version shows, no more.

A key never travels bare: it is wrapped for a public key that the asking page made a
moment ago (ECDH on P-256, HKDF-SHA256, AES-256-GCM), and opens for that page alone.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db.models import F
from django.http import Http404

from gallery import storage, vault
from gallery.grants import Grant
from gallery.models import Media, SealedObject, TierView
from privacy.core.margins import parts
from privacy.core.policy import openable
from privacy.core.types import Plan, Style, Tier
from privacy.core.version import RENDERER_VERSION

KINDS = {Tier.SEMI: "seal_semi", Tier.NONE: "seal_none"}
"""Kind of the sealed object for each tier that may open anything: none is stricter than
``FULL``, so there is nothing for it to open."""
_PURPOSE = b"nopeek/handed/1"


class BadKey(ValueError):
    """What a page sent is not a public key on P-256."""


# --- what is wanted, decided along with the plans ------------------------------------


def settle(media: Media, view: TierView, plans: Mapping[Tier, Plan]) -> None:
    """Write into a tier's row how many parts are sealed and what the tier may open.

    What it could open before and is something else now is closed at once: its key is
    destroyed in this transaction, and a worker makes another. The caller saves.
    """
    tier = Tier(view.tier)
    sealed = Plan.of(
        region for region in plans[tier].regions if region.treatment.style is Style.SEAL
    )
    step = media.grid.get("step", 16)
    view.sealed = parts(sealed, media.width, media.height, step)
    wanted = recipe(plans, tier)
    if view.seal != wanted:
        view.seal, view.seal_made = wanted, ""
        if tier in KINDS:
            vault.discard(media, KINDS[tier])


def recipe(plans: Mapping[Tier, Plan], tier: Tier) -> str:
    """Names what a tier may open: its own picture and the places; empty for nothing."""
    regions = openable(plans, tier)
    if not regions:
        return ""
    shape = [r.as_json() for r in regions]
    text = json.dumps([plans[tier].digest, RENDERER_VERSION, shape], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def due(media: Media) -> bool:
    """Whether a worker has a packet to make."""
    return TierView.objects.filter(media=media).exclude(seal=F("seal_made")).exists()


# --- what is had, through the one door -----------------------------------------------


@dataclass(frozen=True, slots=True)
class Handed:
    """A key for one page, as base16 but for ``version``; useless to anybody else."""

    kind: str
    version: int
    public: str
    salt: str
    nonce: str
    wrapped: str


def find(grant: Grant) -> SealedObject:
    """The packet that a Grant opens, if it is made of the very version it grants.

    Raises:
        Http404: there is nothing for this viewer to open, or not yet.
    """
    if grant.tier not in KINDS or grant.via:
        raise Http404
    current = TierView.objects.filter(
        media=grant.media_id, tier=int(grant.tier), plan=grant.plan, ready=True
    ).exclude(seal="")
    found = SealedObject.objects.filter(
        media=grant.media_id, kind=KINDS[grant.tier]
    ).select_related("media")
    row = found.first()
    if row is None or not current.filter(seal_made=F("seal")).exists():
        raise Http404
    return row


def packet(row: SealedObject) -> bytes:
    """The encrypted packet as it lies there.

    Raises:
        Http404: it is gone.
    """
    try:
        return storage.get(storage.originals(), row.key)
    except FileNotFoundError as error:
        raise Http404 from error


def hand(row: SealedObject, page: bytes) -> Handed:
    """Wrap the packet's key for a page's public key, an uncompressed point of 65 bytes.

    Raises:
        BadKey: it is no such point.
        Http404: the key has been destroyed.
    """
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), page)
    except ValueError as error:
        raise BadKey("not a point on P-256") from error
    media = row.media
    try:
        key = vault.object_key(
            media.owner_id, media.public_id, row.kind, bytes(row.wrapped), row.version
        )
    except vault.VaultError as error:
        raise Http404 from error
    ours = ec.generate_private_key(ec.SECP256R1())
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    info = _PURPOSE + vault.context(media.public_id, row.kind, row.version)
    shared = ours.exchange(ec.ECDH(), theirs)
    wrapping = HKDF(hashes.SHA256(), 32, salt, info).derive(shared)
    public = ours.public_key().public_bytes(
        Encoding.X962, PublicFormat.UncompressedPoint
    )
    wrapped = AESGCM(wrapping).encrypt(nonce, key, info)
    return Handed(
        row.kind, row.version, public.hex(), salt.hex(), nonce.hex(), wrapped.hex()
    )
