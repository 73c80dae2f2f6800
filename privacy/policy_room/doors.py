"""Who may enter the policy room. Whoever may not is told that there is nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

View = Callable[..., HttpResponseBase]


def staff_page(reads: str = "", writes: str = "") -> Callable[[View], View]:
    """For staff alone; with a permission, where one is named.

    Args:
        reads: permission for every method, such as ``privacy.view_auditentry``.
        writes: permission for everything but GET and HEAD.

    Raises:
        Http404: for everyone else.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = request.user
            needed = [reads] if reads else []
            if writes and request.method not in ("GET", "HEAD"):
                needed.append(writes)
            if not (user.is_active and user.is_staff and user.has_perms(needed)):
                raise Http404
            return view(request, *args, **kwargs)

        return inner

    return decorate
