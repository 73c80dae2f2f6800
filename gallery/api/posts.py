"""``/api/v1/posts``: read one as its viewer, write one's own."""

from __future__ import annotations

import uuid
from typing import cast

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import (
    SAFE_METHODS,
    AllowAny,
    BasePermission,
    IsAuthenticated,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from gallery import dossiers, services, upload
from gallery.access import (
    PostGrant,
    access_own_media,
    access_own_post,
    access_post,
    own_grants,
)
from gallery.api.problems import Problem, told
from gallery.api.serializers import (
    DossierSerializer,
    FileSerializer,
    OwnPostSerializer,
    PostChangeSerializer,
    PostSerializer,
    ReceiptSerializer,
)
from gallery.models import Post

_EITHER = PolymorphicProxySerializer(
    component_name="AnyPost",
    serializers=[PostSerializer, OwnPostSerializer],
    resource_type_field_name=None,
)


_WORDS = ("caption", "comments_open", "saving_open")


def asking(request: Request) -> User:
    """The person asking, in views that want a login."""
    return cast("User", request.user)


class PostsView(APIView):
    """Start a post."""

    @extend_schema(request=PostChangeSerializer, responses={201: OwnPostSerializer})
    def post(self, request: Request) -> Response:
        """A draft without pictures; nobody else knows of it."""
        given = PostChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        post = services.start_post(asking(request))
        _change(post, given.validated_data)
        return Response(_own(asking(request), post), status=status.HTTP_201_CREATED)


class PostView(APIView):
    """One post: as the viewer may see it, or one's own to change."""

    def get_permissions(self) -> list[BasePermission]:
        if self.request.method in SAFE_METHODS:
            return [AllowAny()]
        return [IsAuthenticated()]

    @extend_schema(responses=_EITHER)
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """The pixels named in it are those of whoever asks."""
        grant = access_post(request.user, public_id)
        shape = OwnPostSerializer if grant.mine else PostSerializer
        return Response(shape(grant).data)

    @extend_schema(request=PostChangeSerializer, responses=OwnPostSerializer)
    def patch(self, request: Request, public_id: uuid.UUID) -> Response:
        """Change words or audience; 409 where that lets more people see it."""
        post = access_own_post(request.user, public_id)
        given = PostChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        _change(post, given.validated_data)
        return Response(_own(asking(request), post))

    @extend_schema(request=None, responses={200: ReceiptSerializer})
    def delete(self, request: Request, public_id: uuid.UUID) -> Response:
        """Gone everywhere, with a receipt."""
        receipt = services.delete_post(access_own_post(request.user, public_id))
        return Response(ReceiptSerializer(receipt).data)


class PublishView(APIView):
    """Publish a draft."""

    @extend_schema(request=None, responses=OwnPostSerializer)
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """409 while a picture in it is not ready."""
        post = access_own_post(request.user, public_id)
        with told():
            services.publish(post)
        return Response(_own(asking(request), post))


class PostMediaView(APIView):
    """Pictures of a draft."""

    throttle_scope = "upload"
    parser_classes = [MultiPartParser]

    @extend_schema(
        request={"multipart/form-data": FileSerializer},
        responses={201: DossierSerializer},
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Upload one file. 413, 415 and 422 say what is wrong with it."""
        post = access_own_post(request.user, public_id)
        given = FileSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if post.published_at:
            raise Problem(422, "published", "This post is out: start another one.")
        with told():
            media = upload.accept(asking(request), post, given.validated_data["file"])
        row = access_own_media(request.user, media.public_id)
        dossier = dossiers.of_media(asking(request), [row])[0]
        return Response(DossierSerializer(dossier).data, status=status.HTTP_201_CREATED)


def _change(post: Post, given: dict[str, object]) -> None:
    with told():
        if "audience" in given:
            services.set_audience(
                post, str(given["audience"]), confirmed=bool(given["confirmed"])
            )
        words = {key: given.get(key) for key in _WORDS}
        if any(value is not None for value in words.values()):
            services.describe(post, **words)  # type: ignore[arg-type]


def _own(owner: User, post: Post) -> dict[str, object]:
    row = access_own_post(owner, post.public_id)
    found: list[PostGrant] = own_grants(owner, [row])
    if found:
        return dict(OwnPostSerializer(found[0]).data)
    # Nothing is in it yet, so there is no Grant to speak of it.
    return {
        "id": str(row.public_id),
        "owner": {
            "id": str(owner.public_id),
            "username": owner.username,
            "name": owner.name,
        },
        "caption": row.caption,
        "published_at": None,
        "comments_open": row.comments_open,
        "media": [],
        "audience": row.audience,
    }
