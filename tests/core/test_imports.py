"""Imports point one way, and no command pulls in more than it needs."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORE = ROOT / "privacy" / "core"
MODELS = ("onnxruntime", "onnx", "torch", "cv2", "zxingcpp", "rapidocr", "ultralytics")


def run(program: str, **environment: str) -> str:
    """What a fresh interpreter prints; its failure is the test's."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def modules() -> list[str]:
    names = [path.relative_to(ROOT).with_suffix("") for path in CORE.rglob("*.py")]
    return sorted(".".join(name.parts) for name in names if name.name != "__init__")


def test_the_contracts_of_pyproject_hold(tmp_path: Path) -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    if not tool.exists():
        pytest.skip("import-linter is not installed (requirements-dev.txt)")
    done = subprocess.run(
        [tool, "--cache-dir", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert "0 broken" in done.stdout


def test_the_core_imports_without_django() -> None:
    """Every module, none of ours beside it, and no settings asked for."""
    program = f"""
import importlib, sys
for name in {[n for n in modules() if not n.endswith("__main__")]!r}:
    importlib.import_module(name)
ours = ("accounts", "gallery", "feeds", "nopeek_site")
bad = [m for m in sys.modules
       if m.split(".")[0] in ("django", "rest_framework", "celery", *ours)
       or (m.startswith("privacy.") and not m.startswith("privacy.core"))]
print(bad)
"""
    assert run(program, DJANGO_SETTINGS_MODULE="") == "[]"


def test_fetching_weights_imports_no_model(tmp_path: Path) -> None:
    program = f"""
import sys
from privacy.core.cli import main
status = main(["weights", "list", "--json"])
print([m for m in {MODELS!r} if m in sys.modules], status, file=sys.stderr)
from privacy.core import weights, downloads
print([m for m in {MODELS!r} if m in sys.modules])
"""
    assert run(program, NOPEEK_WEIGHTS=str(tmp_path)).splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "module", ["policy", "presets", "score", "types", "taxonomy", "weights"]
)
def test_what_the_web_needs_loads_no_pixels_and_no_model(module: str) -> None:
    """Rules and scores are computed in the web process, which must stay light."""
    program = f"""
import sys
import privacy.core.{module}
print([m for m in {(*MODELS, "PIL", "numpy", "rich")!r} if m in sys.modules])
"""
    assert run(program) == "[]"


def test_asking_for_the_names_of_detectors_loads_none() -> None:
    program = f"""
import sys
from privacy.core.detectors import registry
assert registry.NAMES
heavy = [m for m in {MODELS!r} if m in sys.modules and m != "cv2"]
loaded = [m for m in sys.modules if m.startswith("privacy.core.detectors.")]
print(heavy, sorted(m.rpartition(".")[2] for m in loaded))
"""
    assert run(program) == "[] ['base', 'choices', 'registry']"


def test_no_module_of_the_core_reaches_the_network_but_these() -> None:
    """Only weights are fetched, by ``downloads``, and a vision model that was set up asked."""
    roots = {"urllib", "http", "requests", "httpx", "socket", "ftplib", "aiohttp"}
    found = {}
    for path in CORE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        names = {
            (alias.name if isinstance(node, ast.Import) else node.module or "")
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        reached = {name for name in names if name.split(".")[0] in roots}
        if reached - {"urllib.parse"}:
            found[path.name] = reached
    known = {"downloads.py", "sandbox.py", "sandboxed.py", "vision.py"}
    assert set(found) <= known, found
