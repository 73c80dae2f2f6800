"""``/api/v1/links`` and ``/api/v1/albums``, and changes to several photos at once."""

from __future__ import annotations

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import (
    SAFE_METHODS,
    AllowAny,
    BasePermission,
    IsAuthenticated,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from gallery import albums, bulk, links
from gallery.access import (
    AlbumGrant,
    access_album,
    access_own_album,
    access_own_link,
    access_own_media,
    access_own_post,
    album_grants,
    album_media,
    media_grants,
    own_links,
    own_media,
    visible_albums,
)
from gallery.api.posts import asking
from gallery.api.problems import Problem, told
from gallery.api.serializers import MediaSerializer, Plain, ReceiptSerializer
from gallery.bulk import Strictness
from gallery.bulk_pages import carry_out
from gallery.models import Album, Audience, Link
from privacy.core.types import Tier

_MOST_SHOWN = 500


class LinkSerializer(Plain):
    """One link to one of one's own posts. Its address is told when it is made."""

    id = serializers.UUIDField(source="public_id")
    post = serializers.UUIDField(source="post.public_id")
    name = serializers.CharField()
    tier = serializers.SerializerMethodField()
    password = serializers.SerializerMethodField(help_text="Whether it asks for one.")
    opened = serializers.IntegerField()
    most = serializers.IntegerField(allow_null=True)
    expires_at = serializers.DateTimeField()
    ending = serializers.CharField(
        help_text="Empty while it holds, else revoked, expired, used or guessed."
    )

    def get_tier(self, link: Link) -> str:
        return Tier(link.tier).word

    def get_password(self, link: Link) -> bool:
        return bool(link.password)


class MadeLinkSerializer(LinkSerializer):
    """With its address, this once."""

    address = serializers.URLField()


class NewLinkSerializer(Plain):
    """The terms of a link. ``confirmed`` says yes to showing what close friends see."""

    post = serializers.UUIDField()
    name = serializers.CharField(max_length=60, required=False, default="")
    tier = serializers.ChoiceField(
        choices=[tier.word for tier in Tier], required=False, default=Tier.FULL.word
    )
    days = serializers.ChoiceField(
        choices=list(links.DAYS), required=False, default=links.DEFAULT_DAYS
    )
    password = serializers.CharField(
        max_length=200, required=False, default="", trim_whitespace=False
    )
    most = serializers.IntegerField(
        min_value=1, max_value=1000, required=False, allow_null=True, default=None
    )
    confirmed = serializers.BooleanField(required=False, default=False)


class AlbumSerializer(Plain):
    """One album as its viewer gets it."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    owner = serializers.CharField(source="owner.username")
    count = serializers.IntegerField(source="shown")
    cover = MediaSerializer(source="front", allow_null=True)


class AlbumDetailSerializer(AlbumSerializer):
    """With what the viewer sees in it."""

    media = MediaSerializer(many=True)


class AlbumChangeSerializer(Plain):
    """``media`` is the whole list in its order; what is left out of it is taken out."""

    name = serializers.CharField(max_length=80, required=False)
    audience = serializers.ChoiceField(choices=Audience.choices, required=False)
    media = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=albums.MOST_ITEMS
    )
    cover = serializers.UUIDField(required=False, allow_null=True)


class NewAlbumSerializer(AlbumChangeSerializer):
    name = serializers.CharField(max_length=80)


class BulkSerializer(Plain):
    """One verb for several of one's own photos; the value goes under the verb's name."""

    media = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=bulk.MOST
    )
    do = serializers.ChoiceField(
        choices=["audience", "strictness", "style", "reviewed", "delete"]
    )
    audience = serializers.ChoiceField(choices=Audience.choices, required=False)
    strictness = serializers.ChoiceField(
        choices=[one.value for one in Strictness], required=False
    )
    style = serializers.ChoiceField(  # type: ignore[assignment]
        choices=[("", "as the rules say"), *((s.value, s.value) for s in bulk.STYLES)],
        required=False,
        allow_blank=True,
        default="",
    )
    confirmed = serializers.BooleanField(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        verb = attrs["do"]
        if verb in ("audience", "strictness") and verb not in attrs:
            raise serializers.ValidationError({verb: "Say which."})
        return attrs


class DoneSerializer(Plain):
    """How many were changed, and how many had to stay as they are."""

    changed = serializers.IntegerField()
    left = serializers.IntegerField()
    receipts = ReceiptSerializer(many=True)


class LinksView(APIView):
    """Links to one's own posts."""

    @extend_schema(responses=LinkSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Newest first, those that are over included."""
        rows = own_links(request.user)[:_MOST_SHOWN]
        return Response(LinkSerializer(rows, many=True).data)

    @extend_schema(request=NewLinkSerializer, responses={201: MadeLinkSerializer})
    def post(self, request: Request) -> Response:
        """Make one. The answer alone has its address."""
        given = NewLinkSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        terms = dict(given.validated_data)
        post = access_own_post(request.user, terms.pop("post"))
        terms["tier"] = Tier.parse(terms["tier"])
        try:
            with told():
                link, token = links.make(post, **terms)
        except links.TierNeedsConfirmation as question:
            detail = (
                "Whoever has this link would see what close friends see. "
                "Send it again with confirmed: true if that is meant."
            )
            raise Problem(409, "confirm", detail) from question
        link.address = reverse("link", [token], request=request)  # type: ignore[attr-defined]
        return Response(MadeLinkSerializer(link).data, status=status.HTTP_201_CREATED)


class LinkView(APIView):
    """One link."""

    @extend_schema(request=None, responses=LinkSerializer)
    def delete(self, request: Request, public_id: uuid.UUID) -> Response:
        """Over at once, for whoever has it."""
        link = access_own_link(request.user, public_id)
        links.revoke(link)
        link.refresh_from_db()
        return Response(LinkSerializer(link).data)


class AlbumsView(APIView):
    """One's own albums."""

    @extend_schema(responses=AlbumSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Newest first."""
        rows = visible_albums(request.user).filter(owner=asking(request))
        found = album_grants(request.user, rows.order_by("-pk"))
        return Response(AlbumSerializer(found, many=True).data)

    @extend_schema(request=NewAlbumSerializer, responses={201: AlbumDetailSerializer})
    def post(self, request: Request) -> Response:
        """Make one, for oneself alone unless ``audience`` says otherwise."""
        given = NewAlbumSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        terms = dict(given.validated_data)
        with told():
            row = albums.make(asking(request), terms.pop("name"))
            _change(request, row, terms)
        return Response(_album(request, row.public_id), status=status.HTTP_201_CREATED)


class AlbumView(APIView):
    """One album: as the viewer may see it, or one's own to change."""

    def get_permissions(self) -> list[BasePermission]:
        if self.request.method in SAFE_METHODS:
            return [AllowAny()]
        return [IsAuthenticated()]

    @extend_schema(responses=AlbumDetailSerializer)
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """What the viewer may see anyway, in the album's order; 404 where nothing is."""
        return Response(_album(request, public_id))

    @extend_schema(request=AlbumChangeSerializer, responses=AlbumDetailSerializer)
    def patch(self, request: Request, public_id: uuid.UUID) -> Response:
        """Rename it, choose its audience or cover, or say what is in it."""
        row = access_own_album(request.user, public_id)
        given = AlbumChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with told():
            _change(request, row, dict(given.validated_data))
        return Response(_album(request, public_id))

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, public_id: uuid.UUID) -> Response:
        """The list goes, the photos stay."""
        albums.delete(access_own_album(request.user, public_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class BulkView(APIView):
    """Several photos at once."""

    @extend_schema(request=BulkSerializer, responses=DoneSerializer)
    def post(self, request: Request) -> Response:
        """All of it or nothing; 409 where that shows more and nobody said yes."""
        given = BulkSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        what = given.validated_data
        with told():
            media = bulk.chosen(asking(request), what["media"])
            if what["do"] == "delete":
                receipts = bulk.delete(media)
                done = {"changed": len(receipts), "left": 0, "receipts": receipts}
            else:
                result = carry_out(asking(request), media, what)
                done = {"changed": result.changed, "left": result.left, "receipts": []}
        return Response(DoneSerializer(done).data)


def _change(request: Request, row: Album, given: dict[str, Any]) -> None:
    albums.change(row, name=given.get("name"), audience=given.get("audience"))
    mine = own_media(request.user)
    if "media" in given:
        found = {
            one.public_id: one for one in mine.filter(public_id__in=given["media"])
        }
        if len(found) != len(set(given["media"])):
            raise Problem(422, "not_yours", "An album holds one's own photos.")
        out = mine.filter(album_items__album=row).exclude(public_id__in=found)
        albums.remove(row, out)
        albums.add(row, found.values())
        albums.order(row, given["media"])
    if "cover" in given:
        wanted = given["cover"]
        albums.set_cover(
            row, access_own_media(request.user, wanted) if wanted else None
        )


def _album(request: Request, public_id: uuid.UUID) -> dict[str, Any]:
    grant: AlbumGrant = access_album(request.user, public_id)
    pictures = media_grants(album_media(request.user, grant)[:_MOST_SHOWN])
    shape = {
        "public_id": grant.public_id,
        "name": grant.name,
        "owner": grant.owner,
        "shown": grant.shown,
        "front": grant.front,
        "media": pictures,
    }
    return dict(AlbumDetailSerializer(shape).data)
