"""``/api/v1/exports`` and the end of an account. Both want the password with them."""

from __future__ import annotations

import uuid

from django.contrib.auth import authenticate
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gallery import exports, services
from gallery.api.posts import asking
from gallery.api.problems import Problem
from gallery.api.serializers import (
    ExportSerializer,
    PasswordSerializer,
    ReceiptSerializer,
)
from gallery.own_data import access_own_export, download


class ExportsView(APIView):
    """Zips of everything one has."""

    def get_throttles(self) -> list[object]:  # type: ignore[override]
        if self.request.method == "POST":
            self.throttle_scope = "export"
        return super().get_throttles()  # type: ignore[return-value]

    @extend_schema(responses=ExportSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Those that are made, being made, or can be fetched; newest first."""
        rows = exports.available(asking(request))
        return Response(ExportSerializer(rows, many=True).data)

    @extend_schema(request=PasswordSerializer, responses={202: ExportSerializer})
    def post(self, request: Request) -> Response:
        """Have one made in the background."""
        check_password(request)
        export = exports.request_export(asking(request))
        return Response(ExportSerializer(export).data, status=status.HTTP_202_ACCEPTED)


class ExportFileView(APIView):
    """The zip itself, once."""

    throttle_scope = "export"

    @extend_schema(
        request=PasswordSerializer,
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def post(self, request: Request, public_id: uuid.UUID) -> HttpResponseBase:
        """Again within minutes if it broke off; then it is withdrawn."""
        export = access_own_export(asking(request), public_id)
        check_password(request)
        return download(export)


class EraseView(APIView):
    """The end of one's account."""

    throttle_scope = "login"

    @extend_schema(request=PasswordSerializer, responses={200: ReceiptSerializer})
    def post(self, request: Request) -> Response:
        """Everything is deleted, and every login with it."""
        check_password(request)
        receipt = services.erase_account(asking(request))
        return Response(ReceiptSerializer(receipt).data)


def check_password(request: Request) -> None:
    """That it is oneself who asks, behind the lock that the login page has too.

    Raises:
        Problem: 403.
    """
    given = PasswordSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    found = authenticate(
        request._request,  # noqa: SLF001 - axes marks the request of Django
        username=asking(request).username,
        password=given.validated_data["password"],
    )
    if found is None or found.pk != request.user.pk:
        raise Problem(403, "password", "The password is wrong.")
