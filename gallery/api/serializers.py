"""What the API says of posts and media: one shape for viewers, another for the owner.

The viewer's shapes are made of Grants and name every key there is: no tier, no region,
no score, nothing of the upload. The owner's shapes never meet somebody else's request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from gallery.access import Grant
from gallery.api.places import brush_field, outline_field
from gallery.dossiers import Card, Dossier, Risk
from gallery.models import Audience
from gallery.states import State
from privacy.core.readings import KINDS
from privacy.core.types import Style
from privacy.models import Finding

if TYPE_CHECKING:
    Plain = serializers.Serializer[Any]
else:  # the class takes no parameters at run time
    Plain = serializers.Serializer


# --- for whoever may see it ----------------------------------------------------------


class OwnerSerializer(Plain):
    """Who posted it."""

    id = serializers.UUIDField(source="public_id")
    username = serializers.CharField()
    name = serializers.CharField()


class SourcesSerializer(Plain):
    """Addresses of the pixels: the same for everybody, and other bytes for each."""

    thumb = serializers.CharField()
    feed = serializers.CharField()
    full = serializers.CharField()


class MediaSerializer(Plain):
    """One picture as its viewer gets it."""

    id = serializers.UUIDField(source="public_id")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    alt = serializers.CharField()
    placeholder = serializers.CharField()
    masked = serializers.IntegerField(help_text="How many parts are hidden in it.")
    sources = serializers.SerializerMethodField()

    @extend_schema_field(SourcesSerializer)
    def get_sources(self, grant: Grant) -> dict[str, str]:
        return {
            size: reverse("media_bytes", args=[grant.public_id, size, "jpg"])
            for size in ("thumb", "feed", "full")
        }


class PostSerializer(Plain):
    """One post as its viewer gets it."""

    id = serializers.UUIDField(source="public_id")
    owner = OwnerSerializer()
    caption = serializers.CharField()
    published_at = serializers.DateTimeField(allow_null=True)
    comments_open = serializers.BooleanField()
    media = MediaSerializer(many=True)


# --- for the owner alone -------------------------------------------------------------


class OwnPostSerializer(PostSerializer):
    """One of one's own posts or drafts."""

    audience = serializers.ChoiceField(choices=Audience.choices)


class RiskSerializer(Plain):
    """What one tier still gets to see, 0..100, and why."""

    tier = serializers.SerializerMethodField()
    score = serializers.IntegerField()
    step = serializers.CharField()
    masked = serializers.IntegerField()
    ready = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())

    def get_tier(self, risk: Risk) -> str:
        return risk.tier.word


class LabelSerializer(Plain):
    category = serializers.CharField()
    count = serializers.IntegerField()
    words = serializers.CharField()


class FindingSerializer(Plain):
    """One sensitive thing, where it is, and what is done about it."""

    id = serializers.CharField(source="region")
    category = serializers.CharField()
    kind = serializers.CharField()
    box = serializers.SerializerMethodField()
    outline = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField())
    )
    brush = serializers.FloatField()
    confidence = serializers.FloatField()
    detector = serializers.CharField()
    evidence = serializers.CharField()
    manual = serializers.BooleanField()
    choice = serializers.ChoiceField(choices=Finding.Choice.choices)
    show_from = serializers.IntegerField()
    style = serializers.CharField()  # type: ignore[assignment]
    art = serializers.CharField()

    @extend_schema_field(serializers.ListField(child=serializers.FloatField()))
    def get_box(self, finding: Finding) -> list[float]:
        return [finding.x0, finding.y0, finding.x1, finding.y1]


class StateSerializer(Plain):
    """Where a picture stands on its way."""

    stage = serializers.ChoiceField(choices=[state.value for state in State])
    label = serializers.CharField()  # type: ignore[assignment]
    step = serializers.IntegerField()
    steps = serializers.IntegerField()
    place = serializers.IntegerField()
    done = serializers.ListField(child=serializers.CharField())
    pending = serializers.ListField(child=serializers.CharField())
    problem = serializers.CharField()
    problem_code = serializers.CharField()
    working = serializers.BooleanField()


class CardSerializer(Plain):
    """One of one's own media in the gallery."""

    media = MediaSerializer(source="grant")
    post = serializers.UUIDField(source="grant.post_public_id")
    state = serializers.ChoiceField(
        source="media.state", choices=[state.value for state in State]
    )
    audience = serializers.ChoiceField(
        source="media.post.audience", choices=Audience.choices
    )
    published_at = serializers.DateTimeField(
        source="media.post.published_at", allow_null=True
    )
    labels = LabelSerializer(many=True)
    risks = RiskSerializer(many=True)

    if TYPE_CHECKING:
        instance: Card


class RemovedSerializer(Plain):
    """One piece of metadata that was removed."""

    group = serializers.CharField()
    name = serializers.CharField()
    value = serializers.CharField()


class AttackSerializer(Plain):
    """One way of attack: of so many attempts, what it got before and after the masks."""

    kind = serializers.ChoiceField(choices=KINDS)
    attempts = serializers.IntegerField()
    before = serializers.IntegerField()
    after = serializers.IntegerField()


class MeterSerializer(Plain):
    """What attacks on one tier's version got before it was published."""

    tier = serializers.CharField(source="word")
    attacks = AttackSerializer(many=True, source="reading.attacks")
    unchecked = serializers.ListField(
        child=serializers.CharField(), source="reading.unchecked"
    )
    withstood = serializers.BooleanField(source="reading.withstood")
    warning = serializers.CharField()


class DossierSerializer(Plain):
    """Everything that the owner may know of one picture."""

    media = MediaSerializer(source="grant")
    post = serializers.UUIDField(source="grant.post_public_id")
    version = serializers.IntegerField(source="media.version")
    alt_text = serializers.CharField(source="media.alt_text")
    alt_masked = serializers.CharField(source="media.alt_masked")
    state = StateSerializer(source="progress")
    risks = RiskSerializer(many=True)
    meters = MeterSerializer(many=True, source="measured")
    findings = serializers.SerializerMethodField()
    removed = RemovedSerializer(many=True)
    unchecked = serializers.ListField(child=serializers.CharField())

    @extend_schema_field(FindingSerializer(many=True))
    def get_findings(self, dossier: Dossier) -> list[dict[str, Any]]:
        rows = [finding for kind in dossier.kinds for finding in kind.findings]
        return list(FindingSerializer(rows, many=True).data)


class ExportSerializer(Plain):
    """A zip of everything one has."""

    id = serializers.UUIDField(source="public_id")
    state = serializers.ChoiceField(choices=["queued", "making", "ready", "failed"])
    bytes = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    fetched_at = serializers.DateTimeField(allow_null=True)


class ReceiptSerializer(Plain):
    """What was deleted and when."""

    kind = serializers.CharField()
    id = serializers.UUIDField(source="public_id")
    deleted_at = serializers.DateTimeField()
    gone = serializers.DictField(child=serializers.IntegerField())
    receipt = serializers.CharField(source="signed")


# --- what is taken -------------------------------------------------------------------


class PostChangeSerializer(Plain):
    """What may be changed of a post. ``confirmed`` says yes to whoever gains by it."""

    caption = serializers.CharField(max_length=2200, required=False, allow_blank=True)
    audience = serializers.ChoiceField(choices=Audience.choices, required=False)
    comments_open = serializers.BooleanField(required=False)
    saving_open = serializers.BooleanField(required=False)
    confirmed = serializers.BooleanField(required=False, default=False)


class AltSerializer(Plain):
    alt_text = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    alt_masked = serializers.CharField(
        max_length=1000, required=False, allow_blank=True
    )


class FileSerializer(Plain):
    file = serializers.FileField(allow_empty_file=True)


class ChoiceSerializer(Plain):
    """What becomes of a finding; ``confirmed`` says yes to whoever gains by it."""

    choice = serializers.ChoiceField(choices=Finding.Choice.choices, required=False)
    show_from = serializers.IntegerField(min_value=0, max_value=2, required=False)
    style = serializers.ChoiceField(  # type: ignore[assignment]
        choices=[("", "as the rules say"), *((one.value, one.value) for one in Style)],
        required=False,
        allow_blank=True,
    )
    box = serializers.ListField(
        child=serializers.FloatField(min_value=0, max_value=1),
        min_length=4,
        max_length=4,
        required=False,
    )
    outline = outline_field()
    brush = brush_field()
    art = serializers.CharField(max_length=40, required=False, allow_blank=True)
    confirmed = serializers.BooleanField(required=False, default=False)


class KindSerializer(Plain):
    """The same choice for all findings of one category."""

    category = serializers.CharField(max_length=60)
    choice = serializers.ChoiceField(choices=Finding.Choice.choices)
    show_from = serializers.IntegerField(
        min_value=0, max_value=2, required=False, default=0
    )
    among = serializers.ChoiceField(
        choices=["", "background"],
        required=False,
        default="",
        help_text="background: of faces, those at least twice as far as the nearest",
    )
    confirmed = serializers.BooleanField(required=False, default=False)


class RegionSerializer(Plain):
    """A region drawn by the owner: a box x0, y0, x1, y1 in 0..1, or an outline."""

    box = serializers.ListField(
        child=serializers.FloatField(min_value=0, max_value=1),
        min_length=4,
        max_length=4,
        required=False,
    )
    outline = outline_field()
    brush = brush_field()


class PasswordSerializer(Plain):
    """Proof that it is really oneself who asks."""

    password = serializers.CharField(max_length=1024, trim_whitespace=False)
