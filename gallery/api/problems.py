"""Errors of the gallery's API, with a stable code and words that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rest_framework.exceptions import APIException

from gallery.audience import NeedsConfirmation
from gallery.services import Refused
from privacy.core.errors import RefusedInput

_STATUS = {"unsupported": 415, "too_large": 413}


class Problem(APIException):
    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail, code)
        self.status_code = status


@contextmanager
def told() -> Iterator[None]:
    """Turn the refusals of the services into problems: 409, 413, 415, 422 or 507."""
    try:
        yield
    except NeedsConfirmation as question:
        raise Problem(
            409,
            "confirm",
            f"This would show more to {question.gains.words()}. "
            "Send it again with confirmed: true if that is meant.",
        ) from question
    except Refused as error:
        raise Problem(409, error.code, str(error)) from error
    except RefusedInput as error:
        status = _STATUS.get(error.code, 422)
        raise Problem(status, error.code, str(error)) from error
    except OSError as error:
        detail = "There is no room for it now. Try later."
        raise Problem(507, "storage", detail) from error
