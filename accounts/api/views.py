"""``/api/v1/me`` and ``/api/v1/people``: views over ``accounts.services``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, cast

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from accounts import services
from accounts.api.serializers import (
    CLOSENESS,
    ClosenessSerializer,
    MeSerializer,
    OwnPersonSerializer,
    PersonSerializer,
)
from accounts.circles import LANES, lane
from accounts.models import User
from accounts.relations import Absent, access_person
from accounts.ties import tie_with, ties

if TYPE_CHECKING:
    from rest_framework.pagination import CursorPagination as Cursor
else:  # the site's own pages, named by its settings
    Cursor = api_settings.DEFAULT_PAGINATION_CLASS

Verb = Callable[[User, User], object]


def asking(request: Request) -> User:
    """The person asking, in views that want a login."""
    return cast("User", request.user)


class MeView(APIView):
    """One's own account."""

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        return Response(MeSerializer(asking(request)).data)

    @extend_schema(request=MeSerializer, responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        """Change the fields that are given; name and address have pages of their own."""
        row = User.objects.get(pk=asking(request).pk)
        given = MeSerializer(row, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        user = services.update_profile(row, **given.validated_data)
        return Response(MeSerializer(user).data)


class NewestTie(Cursor):
    """Lists of people, newest tie first."""

    ordering = ("-since", "-pk")


class PeopleView(APIView):
    """One's own lists of people."""

    @extend_schema(
        parameters=[
            OpenApiParameter("lane", str, enum=LANES, description="Which list."),
            OpenApiParameter("cursor", str),
            OpenApiParameter("limit", int),
        ],
        responses=OwnPersonSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        try:
            found = lane(asking(request), request.query_params.get("lane", "close"))
        except KeyError as error:
            raise Http404 from error
        pages = NewestTie()
        page = pages.paginate_queryset(found, request, view=self)
        rows = ties(asking(request), page or [])
        return pages.get_paginated_response(OwnPersonSerializer(rows, many=True).data)


class PersonView(APIView):
    """One other person."""

    @extend_schema(responses=PersonSerializer)
    def get(self, request: Request, username: str) -> Response:
        person = access_person(asking(request), username)
        return Response(PersonSerializer(tie_with(asking(request), person)).data)


class _Deed(APIView):
    """PUT does it, DELETE undoes it; both may be repeated."""

    throttle_scope = "follow"
    verbs: ClassVar[tuple[Verb, Verb]]

    @extend_schema(request=None, responses={204: None})
    def put(self, request: Request, username: str) -> Response:
        person = access_person(asking(request), username)
        self.verbs[0](asking(request), person)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, username: str) -> Response:
        person = self.find(asking(request), username)
        self.verbs[1](asking(request), person)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def find(self, user: User, username: str) -> User:
        """Whom DELETE may name."""
        return access_person(user, username)


class FollowView(_Deed):
    """Follow or ask to; stop following or take the request back."""

    verbs = (services.follow, services.withdraw)


class FollowerView(_Deed):
    """Accept who asks; decline them."""

    verbs = (services.accept, services.decline)


class RemoveView(APIView):
    """Remove a follower."""

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, username: str) -> Response:
        person = access_person(asking(request), username)
        services.remove_follower(asking(request), person)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MuteView(_Deed):
    """Mute and unmute; nobody is told."""

    verbs = (services.mute, services.unmute)


class BlockView(_Deed):
    """Block and unblock."""

    verbs = (services.block, services.unblock)

    def find(self, user: User, username: str) -> User:
        found = lane(user, "blocked").filter(username__iexact=username).first()
        if found is None:
            raise Absent
        return found


class ClosenessView(APIView):
    """How close a follower is held. Known to the one who asks alone."""

    @extend_schema(request=ClosenessSerializer, responses={204: None})
    def put(self, request: Request, username: str) -> Response:
        given = ClosenessSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        person = access_person(asking(request), username)
        held = CLOSENESS[given.validated_data["closeness"]]
        services.set_closeness(asking(request), person, held)
        return Response(status=status.HTTP_204_NO_CONTENT)
