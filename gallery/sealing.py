"""HEAVY: makes the packets that keys open, each of its tier's own masked picture."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F

from gallery import seals, storage, vault
from gallery.models import Media, SealedObject, TierView
from gallery.moves import Superseded
from gallery.work import Work
from privacy.core.inlay import inlay
from privacy.core.policy import openable
from privacy.core.types import Grid, Plan, Tier


def ensure(work: Work, plans: Mapping[Tier, Plan], tiers: frozenset[Tier]) -> None:
    """Make the packets of ``tiers`` that are wanted and not there; others stay.

    Raises:
        Superseded: what is wanted has changed meanwhile.
    """
    views = TierView.objects.filter(media=work.media, tier__in=map(int, tiers))
    for view in views.exclude(seal="").exclude(seal=F("seal_made")):
        tier = Tier(view.tier)
        if view.seal != seals.recipe(plans, tier):
            raise Superseded("other places are sealed now")
        pixels = work.pixels(plans[tier])
        packed = inlay(pixels, openable(plans, tier), Grid(**work.media.grid))
        _store(work.media, view, seals.KINDS[tier], packed)


def _store(media: Media, view: TierView, kind: str, packed: bytes) -> None:
    """Seal a packet and say that it is there, both or neither."""
    kek = vault.key_of(media.owner_id)
    now = SealedObject.objects.filter(media=media, kind=kind).first()
    version = now.version + 1 if now else 1
    sealed = vault.write(kek, media.public_id, kind, version, packed)
    try:
        with transaction.atomic():
            vault.record(media, sealed)  # which holds the media: plans stay as they are
            wanted = TierView.objects.filter(pk=view.pk, seal=view.seal)
            if not wanted.update(seal_made=view.seal):
                raise Superseded("other places are sealed now")
    except BaseException as error:
        storage.remove(storage.originals(), sealed.key)
        if isinstance(error, vault.VaultError):
            raise Superseded("sealed by another worker, or deleted") from error
        raise
    if now:
        storage.remove_after_commit([storage.address("originals", now.key)])
