"""Errors of the API as RFC 9457 problem details."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

_TITLES = {
    400: "Bad request",
    401: "Log in first",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported type",
    422: "Cannot be processed",
    429: "Too many requests",
}


class Problem(exceptions.APIException):
    """An error with a status, a stable code and words that say what to do."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail, code)
        self.status_code = status


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: ``application/problem+json``, never a stack trace."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()  # the same words for absent and forbidden
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is None:
        return None
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": _TITLES.get(response.status_code, "Error"),
        "status": response.status_code,
    }
    detail = getattr(error, "detail", "")
    if isinstance(error, exceptions.ValidationError):
        body["errors"] = error.get_full_details()
        body["detail"] = "Some fields need another look."
    else:
        body["detail"] = str(detail)
        body["code"] = getattr(detail, "code", "error")
    response.data = body
    response.content_type = "application/problem+json"
    return response
