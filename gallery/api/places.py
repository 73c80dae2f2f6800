"""Fields for places that owners draw."""

from __future__ import annotations

from rest_framework import serializers

from privacy.shapes import POINTS, THICKEST


def outline_field() -> serializers.ListField:
    point = serializers.ListField(
        child=serializers.FloatField(min_value=0, max_value=1),
        min_length=2,
        max_length=2,
    )
    return serializers.ListField(
        child=point,
        required=False,
        max_length=POINTS,
        help_text="Corners of a polygon, or with a brush the line it went along.",
    )


def brush_field() -> serializers.FloatField:
    return serializers.FloatField(
        min_value=0,
        max_value=THICKEST,
        required=False,
        help_text="Radius as a share of the picture's longer side.",
    )
