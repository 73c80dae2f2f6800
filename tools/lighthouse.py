"""Lighthouse's figures for the pages of a served demo: the median of three runs.

    python -m tools.lighthouse http://localhost:8000 --password … [--runs 3]

Needs Node.js and `npm install lighthouse` somewhere (``--lighthouse`` names its program)
and Chromium. Its mobile profile, which slows processor and network down.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tools.screens import FLAGS, WIDTHS, PageOf, View, views

CATEGORIES = ("performance", "accessibility", "best-practices")
PAGES = ("front", "explore", "feed", "post-ben", "composer")
_CHROME = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("site")
    parser.add_argument("--password", required=True)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--lighthouse", default="lighthouse")
    parser.add_argument("--keep", type=Path, help="a folder for the whole reports")
    asked = parser.parse_args()
    print(f"| page | {' | '.join(CATEGORIES)} | CLS | kB |")
    print("|---|---|---|---|---|---|")
    for view, cookies in logins(asked.site, asked.password):
        reports = [report(asked, view, cookies, run) for run in range(asked.runs)]
        print(row(view, reports), flush=True)


def logins(site: str, password: str) -> list[tuple[View, str]]:
    """The pages to look at, each with the cookies of the one who looks."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=FLAGS
        )
        page_of = PageOf(browser, site, password, WIDTHS["phone"], "light")
        wanted = [view for view in views(page_of(""), site) if view.name in PAGES]
        found = []
        for view in wanted:
            cookies = page_of(view.person).context.cookies() if view.person else []
            pairs = (f"{cookie['name']}={cookie['value']}" for cookie in cookies)
            found.append((view, "; ".join(pairs)))
        browser.close()
    return found


def report(
    asked: argparse.Namespace, view: View, cookies: str, run: int
) -> dict[str, Any]:
    """One run of Lighthouse, as it reports it."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "report.json"
        command = [
            *(asked.lighthouse, asked.site + view.path, "--quiet"),
            *("--output", "json", "--output-path", str(out)),
            *("--only-categories", ",".join(CATEGORIES)),
            f"--chrome-flags={_CHROME}",
        ]
        if cookies:
            headers = Path(scratch) / "headers.json"
            headers.write_text(json.dumps({"Cookie": cookies}))
            command += ["--extra-headers", str(headers)]
        chrome = {"CHROME_PATH": shutil.which("chromium") or ""}
        subprocess.run(command, check=True, env=os.environ | chrome)
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
    return statistics.median(one["audits"][audit]["numericValue"] for one in reports)


if __name__ == "__main__":
    main()
