"""What the API says of people, and what it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from accounts.models import Closeness, User
from accounts.ties import Tie

if TYPE_CHECKING:
    MeBase = serializers.ModelSerializer[User]
    Plain = serializers.Serializer[Any]
else:  # the classes take no parameters at run time
    MeBase = serializers.ModelSerializer
    Plain = serializers.Serializer

CLOSENESS = {held.name.lower(): held for held in Closeness}


class MeSerializer(MeBase):
    """One's own account."""

    id = serializers.UUIDField(source="public_id", read_only=True)

    class Meta:
        model = User
        fields = (
            "id",
            "username",
            "email",
            "display_name",
            "bio",
            "approves_followers",
            "language",
            "time_zone",
        )
        read_only_fields = ("username", "email")


class PersonSerializer(Plain):
    """Another person, and the tie as the viewer may know it.

    Never how close that person holds the viewer.
    """

    id = serializers.UUIDField(source="person.public_id")
    username = serializers.CharField(source="person.username")
    name = serializers.CharField(source="person.name")
    bio = serializers.CharField(source="person.bio")
    following = serializers.BooleanField()
    requested = serializers.BooleanField()
    follows_me = serializers.BooleanField()
    asked_me = serializers.BooleanField()
    muted = serializers.BooleanField()


class OwnPersonSerializer(PersonSerializer):
    """Someone on one's own lists, with the closeness that one gave."""

    closeness = serializers.SerializerMethodField()

    def get_closeness(self, tie: Tie) -> str | None:
        return None if tie.closeness is None else tie.closeness.name.lower()


class ClosenessSerializer(Plain):
    closeness = serializers.ChoiceField(choices=sorted(CLOSENESS))


class TokenRequestSerializer(Plain):
    username = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=1024, trim_whitespace=False)
    code = serializers.CharField(max_length=32, required=False, default="")


class TokenSerializer(Plain):
    token = serializers.CharField()
