"""The command line. Words for people by default, one JSON object a line with ``--json``.

Exit status: 0 done, 1 something is left (a detector failed, a mask did not hold), 2 bad
input or no fit model file (what could be done was done).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from privacy.core.errors import NoPeekError, SandboxFailed, in_words
from privacy.core.types import Style, Tier

DONE, LEFT, BAD = 0, 1, 2

_RULES = "default, strict, viper or a JSON file (docs/policy.md)"
_JSON = "one object a line (docs/json.md)"
_TIER = "for whom: a stranger, a follower, a close friend; or 0, 1, 2"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        module, _, command = options.run.partition(":")
        # Only what the command needs: fetching weights must not load models.
        run = getattr(import_module(f"privacy.core.{module}"), command)
        return int(run(options))
    except SandboxFailed as error:
        print(f"nopeek: {error}", file=sys.stderr)
        return LEFT
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (NoPeekError, OSError, ValueError) as error:
        print(f"nopeek: {in_words(error)}", file=sys.stderr)
        return BAD
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m privacy.core",
        description="Find what is sensitive in pictures, mask it, and attack the result.",
        epilog="Exit status: 0 done; 1 something is left that leaks, or a detector "
        "failed; 2 bad input or no fit model file. COMMAND --help tells the rest.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    scan = commands.add_parser("scan", help="findings, metadata, score per tier")
    scan.add_argument("paths", nargs="+", metavar="PATH", help="pictures or folders")
    scan.add_argument("--json", action="store_true", help=_JSON)
    scan.add_argument("--rules", default="default", metavar="NAME|FILE", help=_RULES)
    scan.add_argument(
        "--only", default="", metavar="NAMES", help="detectors, by commas"
    )
    scan.add_argument("--off", default="", metavar="NAMES", help="leave these out")
    scan.set_defaults(run="cli_scan:scan_command")

    render = commands.add_parser("render", help="the picture as one tier sees it")
    render.add_argument("path", metavar="PATH", help="a picture, or a folder of them")
    render.add_argument(
        "--tier", type=_tier, required=True, metavar="full|semi|none", help=_TIER
    )
    render.add_argument("--rules", default="default", metavar="NAME|FILE", help=_RULES)
    render.add_argument(
        "--style",
        choices=[s.value for s in Style],
        metavar="NAME",
        help="one look for all that is masked: " + ", ".join(Style),
    )
    render.add_argument(
        "--findings", metavar="FILE", help="JSON or lines of scan --json; no scan"
    )
    render.add_argument(
        "--size",
        type=_size,
        default="full",
        metavar="N|feed|full|thumb",
        help="longer side in pixels, or feed (1080), thumb (320)",
    )
    render.add_argument("--verify", action="store_true", help="attack it, and harden")
    render.add_argument("--json", action="store_true", help=_JSON)
    render.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="OUT",
        help="ends in .jpg, .webp or .avif; for a folder, a folder",
    )
    render.set_defaults(run="cli_render:render_command")

    verify = commands.add_parser("verify", help="what a render still leaks")
    verify.add_argument("original", metavar="ORIGINAL", help="the photo as it was")
    verify.add_argument("rendered", metavar="RENDER", help="what is to be attacked")
    verify.add_argument(
        "--tier", type=_tier, default=Tier.FULL, metavar="full|semi|none", help=_TIER
    )
    verify.add_argument("--rules", default="default", metavar="NAME|FILE", help=_RULES)
    verify.add_argument("--findings", metavar="FILE", help="JSON; no first scan")
    verify.add_argument("--json", action="store_true", help=_JSON)
    verify.set_defaults(run="cli_render:verify_command")

    meter = commands.add_parser("meter", help="what attacks get, before and after")
    meter.add_argument("path", metavar="PHOTO")
    meter.add_argument("--rules", default="default", metavar="NAME|FILE")
    meter.add_argument("--findings", metavar="FILE", help="JSON; no scan")
    meter.add_argument("--json", action="store_true")
    meter.set_defaults(run="cli_meter:meter_command")

    viper = commands.add_parser("viper", help="VIPER's own interface")
    viper.add_argument("image", metavar="IMAGE", help="a picture")
    viper.add_argument("modifier", metavar="MOD", help="blur, block, noise, saliency")
    viper.add_argument(
        "--relationship",
        type=int,
        choices=(0, 1, 2),
        default=0,
        help="0 a stranger, 1 a follower, 2 a close friend",
    )
    viper.add_argument("--json", action="store_true", help=_JSON)
    viper.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="OUT",
        help="ends in .jpg, .webp or .avif",
    )
    viper.set_defaults(run="cli_viper:viper_command")

    seal = commands.add_parser("seal", help="mask, and encrypt what is under the masks")
    seal.add_argument("path", metavar="IMAGE", help="a picture")
    seal.add_argument(
        "--tier", type=_tier, default=Tier.FULL, metavar="full|semi|none", help=_TIER
    )
    seal.add_argument("--rules", default="default", metavar="NAME|FILE", help=_RULES)
    seal.add_argument("--findings", metavar="FILE", help="JSON; no scan")
    seal.add_argument("--passphrase-file", metavar="FILE", help="its first line")
    seal.add_argument(
        "-o", "--output", required=True, metavar="OUT.png", help="ends in .png"
    )
    seal.set_defaults(run="cli_seal:seal_command")

    unseal = commands.add_parser("unseal", help="open a sealed picture again")
    unseal.add_argument("path", metavar="SEALED.png", help="a sealed picture")
    unseal.add_argument("--passphrase-file", metavar="FILE", help="its first line")
    unseal.add_argument(
        "-o", "--output", required=True, metavar="OUT.png", help="ends in .png"
    )
    unseal.set_defaults(run="cli_seal:unseal_command")

    weights = commands.add_parser("weights", help="model files: fetch, list, check")
    weights.add_argument(
        "action",
        choices=("fetch", "list", "check"),
        help="get them; say where they are from; compare with their SHA-256",
    )
    weights.add_argument(
        "names", nargs="*", metavar="NAME", help="all that are needed, by default"
    )
    weights.add_argument("--quiet", action="store_true", help="speak of changes only")
    weights.add_argument("--json", action="store_true", help=_JSON)
    weights.add_argument(
        "--from",
        dest="folder",
        metavar="FOLDER",
        help="look here before anything is downloaded",
    )
    weights.set_defaults(run="cli_weights:weights_command")
    return parser


def _size(word: str) -> str | int:
    if word in ("feed", "full", "thumb"):
        return word
    if not word.isdigit() or not int(word):
        raise argparse.ArgumentTypeError(
            f"{word!r} is no size: use feed, full, thumb or the longer side in pixels"
        )
    return int(word)


def _tier(word: str) -> Tier:
    try:
        return Tier.parse(word)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
