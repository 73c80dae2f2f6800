"""``seal`` and ``unseal``."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path

from privacy.core.cli_findings import Source, opened
from privacy.core.cli_render import key, write
from privacy.core.cli_terminal import incomplete
from privacy.core.policy import plan
from privacy.core.presets import load
from privacy.core.sanitise import encode_master
from privacy.core.seal import SealError, seal, unseal

VARIABLE = "NOPEEK_PASSPHRASE"


def seal_command(options: argparse.Namespace) -> int:
    """0 done; 1 the scan was not complete; 2 bad input."""
    source, target = Path(options.path), _png(options.output)
    rules = load(options.rules)
    picture = opened(source).picture()
    found = Source(options.findings).of(source, picture)
    if found.unchecked:
        return incomplete(f"{source}: not sealed", found.unchecked)
    wanted = plan(found.findings, rules, options.tier)
    words = passphrase(options.passphrase_file, twice=True)
    write(target, seal(picture, wanted, key(), words))
    return 0


def unseal_command(options: argparse.Namespace) -> int:
    """0 done; 2 not a seal, changed, or another passphrase."""
    data = Path(options.path).read_bytes()
    target = _png(options.output)
    write(target, encode_master(unseal(data, passphrase(options.passphrase_file))))
    return 0


def passphrase(file: str | None, *, twice: bool = False) -> str:
    """From a file's first line, ``NOPEEK_PASSPHRASE``, or the terminal.

    Never from the command line, which others on the machine can read.

    Raises:
        SealError: there is none, or it was typed in two ways.
    """
    if file:
        return Path(file).read_text("utf-8").partition("\n")[0].rstrip("\r")
    if given := os.environ.get(VARIABLE):
        return given
    if not sys.stdin.isatty():
        raise SealError(f"no passphrase: set {VARIABLE}, or use --passphrase-file")
    typed = getpass.getpass("Passphrase: ")
    if twice and getpass.getpass("Once more: ") != typed:
        raise SealError("these were two different passphrases")
    return typed


def _png(output: str) -> Path:
    target = Path(output)
    if target.suffix.lower() != ".png":
        raise ValueError(f"{target.name}: the output ends in .png")
    return target
