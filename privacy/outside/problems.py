"""What can go wrong for another program, as problem details (RFC 9457)."""

from __future__ import annotations

from rest_framework.exceptions import APIException


class Problem(APIException):
    """An error with a status, a stable code and words that say what to do.

    ``wait``: seconds after which another try makes sense; sent as ``Retry-After``.
    """

    def __init__(
        self, status: int, code: str, detail: str, wait: int | None = None
    ) -> None:
        super().__init__(detail, code)
        self.status_code = status
        if wait is not None:
            self.wait = wait
