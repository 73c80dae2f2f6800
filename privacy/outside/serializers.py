"""What other programs send and get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from privacy.outside.wishes import TYPES

if TYPE_CHECKING:
    Plain = serializers.Serializer[Any]
else:  # the class takes no parameters at run time
    Plain = serializers.Serializer


class PictureSerializer(Plain):
    """A picture to look at."""

    image = serializers.FileField(help_text="JPEG, PNG, WebP, AVIF, HEIC or GIF.")
    rules = serializers.CharField(
        required=False, help_text="site (the default), default, strict or viper."
    )


class ProtectSerializer(PictureSerializer):
    """A picture to mask."""

    tiers = serializers.CharField(
        required=False, help_text="full, semi, none, by commas; all by default."
    )
    format = serializers.ChoiceField(required=False, choices=sorted(TYPES))
    size = serializers.IntegerField(
        required=False, help_text="Longer side in pixels, 2048 by default."
    )


class FoundSerializer(Plain):
    """One sensitive thing; the box in 0..1 of the picture as displayed."""

    id = serializers.CharField()
    category = serializers.CharField()
    kind = serializers.CharField(required=False)
    box = serializers.ListField(child=serializers.FloatField())
    confidence = serializers.FloatField()
    detector = serializers.CharField()
    evidence = serializers.CharField(required=False)


class ReasonSerializer(Plain):
    category = serializers.CharField()
    count = serializers.IntegerField()
    points = serializers.IntegerField()
    words = serializers.CharField()


class ScoreSerializer(Plain):
    """Risk 0..100 of what one tier gets to see, and why."""

    risk = serializers.IntegerField()
    level = serializers.ChoiceField(choices=["calm", "notice", "warm", "alarm"])
    strategy = serializers.ChoiceField(choices=["safe", "mask", "keep_private"])
    because = ReasonSerializer(many=True)


class FileSerializer(Plain):
    """A masked picture, newly encoded, without metadata."""

    type = serializers.CharField()
    sha256 = serializers.CharField()
    base64 = serializers.CharField()


class MaskedSerializer(ScoreSerializer):
    """What one tier gets; no image where a mask did not hold, and then the problem."""

    masked = serializers.IntegerField()
    image = FileSerializer(allow_null=True)
    problem = serializers.CharField(allow_blank=True)


class ScoresSerializer(Plain):
    full = ScoreSerializer(required=False)
    semi = ScoreSerializer(required=False)
    none = ScoreSerializer(required=False)


class MaskedTiersSerializer(Plain):
    full = MaskedSerializer(required=False)
    semi = MaskedSerializer(required=False)
    none = MaskedSerializer(required=False)


class ReportSerializer(Plain):
    """What was found. Not ``complete``: the checks in ``unchecked`` could not run."""

    sha256 = serializers.CharField(help_text="Of the file that was sent.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    complete = serializers.BooleanField()
    unchecked = serializers.ListField(child=serializers.CharField())
    cached = serializers.BooleanField()
    findings = FoundSerializer(many=True)


class AnalysisSerializer(ReportSerializer):
    """What was found, and the risk of what each tier would see."""

    tiers = ScoresSerializer()


class ProtectionSerializer(ReportSerializer):
    """What was found, and the picture as each tier may see it."""

    tiers = MaskedTiersSerializer()


class JobSerializer(Plain):
    """Where to fetch the answer; it is there for ten minutes, for this key alone."""

    job = serializers.UUIDField()
    state = serializers.CharField()
    url = serializers.CharField()
