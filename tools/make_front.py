"""Makes the pictures of the signed-out front page: real renditions of a drawn photo.

    python tools/make_front.py

Scans the demo's desk with the real models and renders it for each tier by the default
rules, into static/front/; and small, by the default and by the strict rules, the samples
that stand beside the choice of privacy. Run it again when the renderer or rules change.
"""

from __future__ import annotations

import hashlib
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from nopeek_site.demo.pictures import jpeg  # noqa: E402
from privacy.core.api import protect  # noqa: E402
from privacy.core.presets import preset  # noqa: E402
from privacy.core.render import encode  # noqa: E402
from privacy.core.sanitise import sanitise  # noqa: E402
from privacy.core.scan import scan  # noqa: E402

SAMPLE = 480
"""Longer side of a sample, pixels."""


def main() -> None:
    folder = ROOT / "static" / "front"
    folder.mkdir(exist_ok=True)
    picture = sanitise(jpeg("desk", datetime(2026, 1, 1, tzinfo=UTC))).picture()
    report = scan(picture)
    if not report.complete:
        raise SystemExit(f"could not check for {', '.join(report.unchecked)}")
    key = hashlib.sha256(b"front page").digest()
    (folder / "own.webp").write_bytes(encode(picture.pixels, 1200, "webp"))
    for rules in ("default", "strict"):
        renders = protect(picture, report.findings, preset(rules), key)
        for tier, made in renders.items():
            if made.verdict is None or not made.verdict.clean:
                raise SystemExit(f"the render for {tier.word} by {rules} does not hold")
            small = folder / f"sample-{rules}-{tier.word}.webp"
            small.write_bytes(encode(made.pixels, SAMPLE, "webp"))
            if rules == "default":
                large = folder / f"{tier.word}.webp"
                large.write_bytes(encode(made.pixels, 1200, "webp"))
            print(rules, tier.word, len(made.plan.regions), "regions")


if __name__ == "__main__":
    main()
