"""``/api/v1/token``: a password for a token, behind the locks of the login page."""

from __future__ import annotations

from typing import cast

from allauth.account import app_settings
from allauth.account.models import EmailAddress
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import APIException
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.serializers import TokenRequestSerializer, TokenSerializer
from accounts.models import User


class Wrong(APIException):
    """One error for an unknown name, a wrong password and a wrong code."""

    status_code = 400
    default_detail = "Name, password or code is wrong."
    default_code = "wrong"


class Unverified(APIException):
    status_code = 403
    default_detail = "Confirm the e-mail address first."
    default_code = "unverified"


class TokenView(APIView):
    """Log in for the API, and out again."""

    throttle_scope = "login"

    def get_permissions(self) -> list[BasePermission]:
        if self.request.method == "POST":
            return [AllowAny()]
        return [IsAuthenticated()]

    @extend_schema(request=TokenRequestSerializer, responses=TokenSerializer)
    def post(self, request: Request) -> Response:
        """A token for name (or address) and password, and a code where one is due."""
        given = TokenRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user = authenticate(
            request._request,  # noqa: SLF001 - axes marks the request of Django
            username=given.validated_data["username"],
            password=given.validated_data["password"],
        )
        if not isinstance(user, User):
            raise Wrong
        if is_mfa_enabled(user):
            code = AuthenticateForm(
                data={"code": given.validated_data["code"]}, user=user
            )
            if not code.is_valid():
                raise Wrong
        if app_settings.EMAIL_VERIFICATION == "mandatory" and user.email:
            verified = EmailAddress.objects.filter(user=user, verified=True)
            if not verified.exists():
                raise Unverified
        token, _created = Token.objects.get_or_create(user=user)
        return Response({"token": token.key})

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """The token stops working at once."""
        Token.objects.filter(user=cast("User", request.user)).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
