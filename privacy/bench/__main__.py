"""``python -m privacy.bench [accuracy|speed|overhead|leak|verify|…] --data FOLDER``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from privacy.bench import datasets
from privacy.bench.report import Report
from privacy.core.cli_findings import Source
from privacy.core.types import ZERO_BIT, Style

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "devset"

PORTRAITS = DATA.parent / "identities"

USUAL = ("accuracy", "speed", "overhead", "leak", "learn")
"""What runs when nothing is named; ``deface`` also installs a package, ``known-font``
takes half an hour, and ``verify`` an hour for the whole set, in pieces if need be."""


def run(
    name: str, examples: Sequence[datasets.Example], asked: argparse.Namespace
) -> Report:
    """Measure one thing. Modules are loaded for what is asked alone."""
    from privacy.bench import (
        accuracy,
        deface,
        known_font,
        leak,
        learn,
        metering,
        recognition,
        survivors,
        timing,
    )

    known = Source(asked.findings) if asked.findings else None
    faces = [example for example in examples if example.group == "face"]
    benches: dict[str, Callable[[], Report]] = {
        "accuracy": lambda: accuracy.accuracy(examples, known),
        "speed": lambda: timing.speed(examples),
        "overhead": lambda: timing.overhead(examples),
        "leak": lambda: leak.leak(examples, known),
        "verify": lambda: survivors.survivors(
            examples,
            survivors.Trial(
                asked.out,
                known,
                asked.seconds,
                _styles(asked.styles, survivors.STYLES),
            ),
        ),
        "known-font": lambda: known_font.known_font(
            asked.limit or 200,
            _styles(asked.styles, ()),
            [s for s in known_font.SECRETS if asked.secrets in ("", s.name)],
        ),
        "learn": lambda: learn.learning(examples),
        "meter": lambda: metering.metering(examples),
        "recognition": lambda: recognition.recognition(PORTRAITS),
        "deface": lambda: deface.deface(faces),
    }
    return benches[name]()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print Markdown; with ``--out`` write Markdown and JSON as well."""
    parser = argparse.ArgumentParser(prog="python -m privacy.bench")
    names = [*USUAL, "verify", "meter", "recognition", "known-font", "deface"]
    parser.add_argument("bench", nargs="*", metavar="bench", help=", ".join(names))
    parser.add_argument("--data", type=Path, default=DATA, help="labelled pictures")
    parser.add_argument("--out", type=Path, help="folder for Markdown and JSON")
    parser.add_argument("--groups", default=",".join(datasets.GROUPS))
    parser.add_argument("--limit", type=int, help="pictures of each group, or tries")
    parser.add_argument(
        "--findings",
        metavar="FILE",
        help="lines of scan --json of the pictures: accuracy, leak and verify scan no more",
    )
    verify = parser.add_argument_group("verify, known-font")
    verify.add_argument("--styles", default="", help="veil,fill,sticker,remove")
    verify.add_argument("--secrets", default="", metavar="NAME", help="plate, date …")
    verify.add_argument(
        "--seconds",
        type=float,
        default=float("inf"),
        help="begin nothing later; with --out the next run goes on from there",
    )
    asked = parser.parse_args(arguments)
    if unknown := set(asked.bench) - set(names):
        parser.error(f"no bench named {', '.join(sorted(unknown))}: {', '.join(names)}")
    if not (asked.data / "labels.json").is_file():
        parser.error(f"no labels.json in {asked.data}: name a folder with --data")
    groups = tuple(asked.groups.split(","))
    if wrong := set(groups) - set(datasets.GROUPS):
        parser.error(f"no group named {', '.join(sorted(wrong))}")
    may = set(ZERO_BIT if "verify" in asked.bench else Style)
    if wrong := set(filter(None, asked.styles.split(","))) - may:
        parser.error(f"no style named {', '.join(sorted(wrong))}")
    examples = _limited(list(datasets.load(asked.data, groups)), asked.limit)
    for name in asked.bench or USUAL:
        report = run(name, examples, asked)
        sys.stdout.write(report.markdown() + "\n")
        sys.stdout.flush()
        if asked.out:
            report.write(asked.out)
    return 0


def _styles(names: str, usual: tuple[Style, ...]) -> tuple[Style, ...]:
    return tuple(map(Style, filter(None, names.split(",")))) or usual


def _limited(
    examples: list[datasets.Example], limit: int | None
) -> list[datasets.Example]:
    if limit is None:
        return examples
    kept: list[datasets.Example] = []
    for group in datasets.GROUPS:
        kept += [e for e in examples if e.group == group][:limit]
    return kept


if __name__ == "__main__":
    raise SystemExit(main())
