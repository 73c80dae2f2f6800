"""Lighthouse's figures for the pages of a served demo: the median of three runs.

    python -m tools.lighthouse [http://localhost:8000 --password …] [--runs 3]

Needs Node.js and `npm install lighthouse` somewhere (``--lighthouse`` names its program)
and Chromium. Its mobile profile, which slows processor and network down.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Playwright, sync_playwright

from tools.screens import FLAGS, SCHEMES, WIDTHS, PageOf, log_in
from tools.served import PASSWORD, demo, free_port
from tools.views import View, every_view

CATEGORIES = ("performance", "accessibility", "best-practices")
PAGES = ("front", "explore", "feed", "post-ben", "composer")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("site", nargs="?", default="", help="else one of its own")
    parser.add_argument("--password", default=PASSWORD)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--lighthouse", default="lighthouse")
    parser.add_argument("--keep", type=Path, help="a folder for the whole reports")
    asked = parser.parse_args()
    print(f"| page | {' | '.join(CATEGORIES)} | CLS | kB |")
    print("|---|---|---|---|---|---|")
    with demo(asked.site) as asked.site, sync_playwright() as playwright:
        views = addresses(playwright, asked)
        for person in ("", "ben", "ana"):
            # A browser each, with somebody logged in, that Lighthouse then steers.
            port = free_port()
            browser = playwright.chromium.launch_persistent_context(
                "",
                executable_path=shutil.which("chromium"),
                args=[*FLAGS, f"--remote-debugging-port={port}"],
            )
            page = browser.pages[0]
            if person:
                log_in(page, asked.site, person, asked.password)
            devtools = browser.new_cdp_session(page)
            for view in views:
                if view.person == person:
                    reports = []
                    for run in range(asked.runs):
                        devtools.send("Network.clearBrowserCache")  # the login stays
                        reports.append(report(asked, view, port, run))
                    print(row(view, reports), flush=True)
            browser.close()


def addresses(playwright: Playwright, asked: argparse.Namespace) -> list[View]:
    """The five pages, looked up once with a browser of their own."""
    browser = playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=FLAGS
    )
    page_of = PageOf(browser, asked.site, asked.password, WIDTHS["desk"], SCHEMES[0])
    found = [view for view in every_view(page_of) if view.name in PAGES]
    browser.close()
    return found


def report(
    asked: argparse.Namespace, view: View, port: int, run: int
) -> dict[str, Any]:
    """One run of Lighthouse, as it reports it."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "report.json"
        subprocess.run(
            [
                *(asked.lighthouse, asked.site + view.path, "--quiet"),
                *("--output", "json", "--output-path", str(out)),
                *("--only-categories", ",".join(CATEGORIES)),
                *("--port", str(port), "--disable-storage-reset"),
            ],
            check=True,
        )
        if asked.keep:
            asked.keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(out, asked.keep / f"{view.name}-{run}.json")
        found: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return found


def row(view: View, reports: list[dict[str, Any]]) -> str:
    """A line of the table: medians of all runs."""
    scores = [
        statistics.median(
            100 * (one["categories"][name]["score"] or 0) for one in reports
        )
        for name in CATEGORIES
    ]
    shift = median_of(reports, "cumulative-layout-shift")
    weight = median_of(reports, "total-byte-weight") / 1000
    shown = " | ".join(f"{score:.0f}" for score in scores)
    return f"| {view.name} | {shown} | {shift:.3f} | {weight:.0f} |"


def median_of(reports: list[dict[str, Any]], audit: str) -> float:
    return statistics.median(
        float(one["audits"][audit]["numericValue"]) for one in reports
    )


if __name__ == "__main__":
    main()
