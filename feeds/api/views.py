"""``/api/v1/``: feeds, comments, likes and notifications, over the same services."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.permissions import (
    SAFE_METHODS,
    AllowAny,
    BasePermission,
    IsAuthenticated,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from accounts.models import User
from accounts.relations import access_person
from feeds import services, timeline
from feeds.api.serializers import (
    CommentPageSerializer,
    CommentSerializer,
    EntrySerializer,
    NotificationPageSerializer,
    NotificationSerializer,
    PageSerializer,
    SaySerializer,
)
from feeds.notify import visible_notifications
from gallery.access import access_post

if TYPE_CHECKING:
    from rest_framework.pagination import CursorPagination as Cursor
else:  # the site's own pages, named by its settings
    Cursor = api_settings.DEFAULT_PAGINATION_CLASS

_CURSOR = [OpenApiParameter("cursor", str)]


def asking(request: Request) -> User:
    """The person asking, in views that want a login."""
    return cast("User", request.user)


class Oldest(Cursor):
    ordering = ("created_at", "pk")


class Newest(Cursor):
    ordering = ("-created_at", "-pk")


class Unprocessable(APIException):
    status_code = 422


def _page(request: Request, read: Callable[[str], timeline.Page]) -> Response:
    try:
        page = read(request.query_params.get("cursor", ""))
    except timeline.BadCursor as error:
        raise ValidationError({"cursor": "Not a cursor of this site."}) from error
    after = f"{request.path}?cursor={page.next}" if page.next else None
    return Response(
        {
            "next": request.build_absolute_uri(after) if after else None,
            "results": EntrySerializer(page.entries, many=True).data,
        }
    )


class FeedView(APIView):
    """Posts of whom one follows, and one's own."""

    @extend_schema(parameters=_CURSOR, responses=PageSerializer)
    def get(self, request: Request) -> Response:
        return _page(request, lambda at: timeline.home(asking(request), at))


class ExploreView(APIView):
    """Posts that are for everyone."""

    permission_classes = [AllowAny]

    @extend_schema(parameters=_CURSOR, responses=PageSerializer)
    def get(self, request: Request) -> Response:
        return _page(request, lambda at: timeline.explore(request.user, at))


class UserPostsView(APIView):
    """What one may see of one person's posts."""

    permission_classes = [AllowAny]

    @extend_schema(parameters=_CURSOR, responses=PageSerializer)
    def get(self, request: Request, username: str) -> Response:
        person = access_person(request.user, username)
        return _page(request, lambda at: timeline.profile(request.user, person, at))


class CommentsView(APIView):
    """What is said below a post."""

    def get_permissions(self) -> list[BasePermission]:
        if self.request.method in SAFE_METHODS:
            return [AllowAny()]
        return [IsAuthenticated()]

    @extend_schema(parameters=_CURSOR, responses=CommentPageSerializer)
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        grant = access_post(request.user, public_id)
        pages = Oldest()
        rows = timeline.comments_on(request.user, grant)
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(CommentSerializer(page, many=True).data)

    @extend_schema(request=SaySerializer, responses={201: CommentSerializer})
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        access_post(request.user, public_id)  # 404 before any word on the body
        given = SaySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            row = services.comment(
                asking(request),
                public_id,
                given.validated_data["text"],
                given.validated_data["reply_to"],
            )
        except services.Refused as refused:
            raise Unprocessable(str(refused), refused.code) from refused
        return Response(CommentSerializer(row).data, status=status.HTTP_201_CREATED)


class CommentView(APIView):
    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, public_id: uuid.UUID) -> Response:
        """Remove one's own comment, or any below one's own post."""
        services.delete_comment(asking(request), public_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class LikeView(APIView):
    """Like and take it back; both may be repeated."""

    @extend_schema(request=None, responses={204: None})
    def put(self, request: Request, public_id: uuid.UUID) -> Response:
        services.like(asking(request), public_id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, public_id: uuid.UUID) -> Response:
        services.unlike(asking(request), public_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class NotificationsView(APIView):
    """What one was told of."""

    @extend_schema(parameters=_CURSOR, responses=NotificationPageSerializer)
    def get(self, request: Request) -> Response:
        pages = Newest()
        rows = visible_notifications(request.user)
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(
            NotificationSerializer(page, many=True).data
        )


class NotificationsReadView(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """All of them are read."""
        services.read_notifications(asking(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
