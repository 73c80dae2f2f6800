"""Every error that the core raises on purpose. Each says what is wrong and what to do."""

from __future__ import annotations


class NoPeekError(Exception):
    """Base of all errors of the core; its text is fit to be shown to a person."""


class RefusedInput(NoPeekError):
    """The bytes are not something that NoPeek accepts.

    ``code`` is stable and machine-readable; the HTTP layer maps ``unsupported`` to
    415, ``too_large`` to 413 and the others to 422.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class LimitExceeded(RefusedInput):
    """Decoding ran into a limit of bytes, pixels, frames, seconds or memory."""

    def __init__(self, message: str) -> None:
        super().__init__("too_large", message)


class SandboxFailed(NoPeekError):
    """The decoding process could not be started: not the picture's fault; try again."""


class ModelError(NoPeekError):
    """A model cannot be used: the pipeline stops closed."""


class ModelMissing(ModelError):
    """The weights of a model are not there. Run ``python -m privacy.core weights fetch``."""


class TorchMissing(ModelMissing):
    """Something needs gradients, and torch is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "noise against models needs torch, which is not installed here (the light "
            "path goes without); run: python -m pip install -c requirements.lock torch"
        )


class ModelMismatch(ModelError):
    """The weights are there, but their SHA-256 is not the one in the lock file."""


class InvalidRules(NoPeekError):
    """A rule set breaks a rule; ``problems`` names each in words."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class InvalidFindings(NoPeekError):
    """Findings given as JSON do not have the documented shape."""


def in_words(error: Exception) -> str:
    """For a person: of a system error the file and what is wrong with it, no number."""
    if not isinstance(error, OSError):
        return str(error)
    what = error.strerror or str(error)
    match error:
        case FileNotFoundError():
            what = "no such file or folder"
        case IsADirectoryError():
            what = "this is a folder; name one file"
        case PermissionError():
            what = "no permission to read or write it"
    return f"{error.filename}: {what}" if error.filename else what
