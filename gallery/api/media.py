"""``/api/v1/media``: one's own pictures, what was found in them, and how others see them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from gallery import dossiers, editing, services
from gallery.access import access_own_media, own_media, see_as
from gallery.api.posts import asking
from gallery.api.problems import Problem, told
from gallery.api.serializers import (
    AltSerializer,
    CardSerializer,
    ChoiceSerializer,
    DossierSerializer,
    KindSerializer,
    MediaSerializer,
    ReceiptSerializer,
    RegionSerializer,
)
from gallery.delivery import who
from gallery.forms import RISK_FILTERS, STATES, FilterForm
from gallery.models import Audience, Media
from gallery.views import filtered
from privacy.core.types import Box

if TYPE_CHECKING:
    from rest_framework.pagination import CursorPagination as Cursor
else:  # the site's own pages, named by its settings
    Cursor = api_settings.DEFAULT_PAGINATION_CLASS


class Newest(Cursor):
    """Own media, newest first."""

    ordering = ("-id",)


class MediaListView(APIView):
    """One's own gallery."""

    @extend_schema(
        parameters=[
            OpenApiParameter("state", str, enum=sorted(STATES)),
            OpenApiParameter("risk", str, enum=list(RISK_FILTERS)),
            OpenApiParameter("audience", str, enum=Audience.values),
            OpenApiParameter("category", str),
            OpenApiParameter("album", str),
            OpenApiParameter("cursor", str),
            OpenApiParameter("limit", int),
        ],
        responses=CardSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        form = FilterForm(request.query_params)
        if not form.is_valid():
            raise Problem(400, "filter", "There is no such filter.")
        found = filtered(own_media(asking(request)), form.cleaned_data)
        pages = Newest()
        page = pages.paginate_queryset(found, request, view=self)
        rows = dossiers.cards(asking(request), page or [])
        return pages.get_paginated_response(CardSerializer(rows, many=True).data)


class MediaView(APIView):
    """One of one's own pictures."""

    @extend_schema(responses=DossierSerializer)
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """State, findings, scores and what was removed."""
        return Response(_dossier(request, public_id))

    @extend_schema(request=AltSerializer, responses=DossierSerializer)
    def patch(self, request: Request, public_id: uuid.UUID) -> Response:
        """Set the words for it."""
        media = access_own_media(request.user, public_id)
        given = AltSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        services.set_alt(media, **given.validated_data)
        return Response(_dossier(request, public_id))

    @extend_schema(request=None, responses={200: ReceiptSerializer})
    def delete(self, request: Request, public_id: uuid.UUID) -> Response:
        """Gone everywhere, or cancelled while it is in the works."""
        receipt = services.delete_media(access_own_media(request.user, public_id))
        return Response(ReceiptSerializer(receipt).data)


class RetryView(APIView):
    """Send a picture through the line once more."""

    @extend_schema(request=None, responses=DossierSerializer)
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        with told():
            services.retry(access_own_media(request.user, public_id))
        return Response(_dossier(request, public_id))


class SeenAsView(APIView):
    """How somebody else gets a picture of one's own."""

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "person", str, required=True, description="full, semi, none or @name."
            )
        ],
        responses=MediaSerializer,
    )
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """The very answer that the person gets; 404 where that is nothing."""
        person = who(request.user, request.query_params.get("person", ""))
        grant = see_as(request.user, public_id, person)
        if grant is None:
            raise Http404
        return Response(MediaSerializer(grant).data)


class FindingsView(APIView):
    """Regions of a picture."""

    @extend_schema(request=RegionSerializer, responses={201: DossierSerializer})
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Draw a region that nothing was found in."""
        media = access_own_media(request.user, public_id)
        given = RegionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        place = dict(given.validated_data)
        box = place.pop("box", None)
        with told():
            editing.add(media, _box(box) if box else None, **place)
        return Response(_dossier(request, public_id), status=status.HTTP_201_CREATED)

    @extend_schema(request=KindSerializer, responses=DossierSerializer)
    def put(self, request: Request, public_id: uuid.UUID) -> Response:
        """The same choice for all findings of one category."""
        media = access_own_media(request.user, public_id)
        given = KindSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with told():
            editing.choose_kind(media, **given.validated_data)
        return Response(_dossier(request, public_id))


class FindingView(APIView):
    """One region of a picture."""

    @extend_schema(request=ChoiceSerializer, responses=DossierSerializer)
    def patch(self, request: Request, public_id: uuid.UUID, region: str) -> Response:
        """Switch it, choose its style, or move it; 409 where that shows more."""
        media = access_own_media(request.user, public_id)
        given = ChoiceSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        change = dict(given.validated_data)
        if box := change.pop("box", None):
            change["box"] = _box(box)
        with told():
            editing.change(media, region, **change)
        return Response(_dossier(request, public_id))

    @extend_schema(
        request=None,
        parameters=[OpenApiParameter("confirmed", bool)],
        responses=DossierSerializer,
    )
    def delete(self, request: Request, public_id: uuid.UUID, region: str) -> Response:
        """Remove a region that one drew oneself."""
        media = access_own_media(request.user, public_id)
        confirmed = request.query_params.get("confirmed") == "true"
        with told():
            editing.remove(media, region, confirmed=confirmed)
        return Response(_dossier(request, public_id))


def _dossier(request: Request, public_id: uuid.UUID) -> dict[str, Any]:
    media: Media = access_own_media(request.user, public_id)
    row = dossiers.of_media(asking(request), [media])[0]
    return dict(DossierSerializer(row).data)


def _box(values: list[float]) -> Box:
    x0, y0, x1, y1 = values
    if x1 - x0 < editing.LEAST or y1 - y0 < editing.LEAST:
        raise Problem(400, "box", "A box is [x0, y0, x1, y1] with x0 < x1 and y0 < y1.")
    return Box(x0, y0, x1, y1)
