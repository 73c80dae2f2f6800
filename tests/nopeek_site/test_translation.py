"""German is whole: every message of templates and code, nothing fuzzy, placeholders kept."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext as _

from nopeek_site.context import script_words

CATALOG = Path(settings.LOCALE_PATHS[0]) / "de" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|(?<!\{)\{\w+\}")
Key = tuple[str, str]


def entries(text: str) -> Iterator[dict[str, str]]:
    """Each message of a catalogue as its keywords and their texts."""
    for block in text.split("\n\n"):
        found: dict[str, str] = {}
        word = ""
        for line in block.splitlines():
            if line.startswith("#"):
                found["comment"] = found.get("comment", "") + line
                continue
            match = re.match(r'(msg\w+(?:\[\d\])?) "', line)
            if match:
                word = match[1]
                found[word] = ""
            if word and '"' in line:
                found[word] += (
                    line[line.index('"') + 1 : -1]
                    .replace('\\"', '"')
                    .replace("\\n", "\n")
                )
        if found.get("msgid"):
            yield found


def key(entry: dict[str, str]) -> Key:
    return entry.get("msgctxt", ""), entry["msgid"]


def strings(entry: dict[str, str]) -> list[str]:
    return [text for word, text in entry.items() if word.startswith("msgstr")]


@pytest.fixture(scope="module")
def german() -> dict[Key, dict[str, str]]:
    return {key(entry): entry for entry in entries(CATALOG.read_text("utf-8"))}


def test_nothing_is_empty_or_fuzzy(german: dict[Key, dict[str, str]]) -> None:
    assert len(german) > 500
    for name, entry in german.items():
        assert "fuzzy" not in entry.get("comment", ""), name
        assert all(strings(entry)), name
        assert len(strings(entry)) == (2 if "msgid_plural" in entry else 1), name


def test_placeholders_are_those_of_the_message(
    german: dict[Key, dict[str, str]],
) -> None:
    for name, entry in german.items():
        wanted = set(PLACEHOLDER.findall(entry["msgid"]))
        plural = wanted | set(PLACEHOLDER.findall(entry.get("msgid_plural", "")))
        for text in strings(entry):
            used = set(PLACEHOLDER.findall(text))
            assert used <= plural, name
            if "msgid_plural" not in entry:
                assert used == wanted, name


def test_it_says_du(german: dict[Key, dict[str, str]]) -> None:
    formal = re.compile(
        r"\b(Ihnen|Ihre[mnrs]?|Bitte geben Sie|Sie (?:können|haben|sind|müssen))\b"
    )
    wrong = [
        text for e in german.values() for text in strings(e) if formal.search(text)
    ]
    assert wrong == []


def test_the_compiled_catalogue_is_this_one(german: dict[Key, dict[str, str]]) -> None:
    """The .mo lies beside the .po, so that setting up needs no gettext."""
    with translation.override("de"):
        for (context, message), entry in german.items():
            if context or "msgid_plural" in entry:
                continue
            assert _(message) == entry["msgstr"], message


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="needs gettext")
def test_every_message_of_templates_and_code_is_translated(
    german: dict[Key, dict[str, str]], tmp_path: Path
) -> None:
    """What makemessages finds, the catalogue has."""
    root = CATALOG.parents[3]
    copy = tmp_path / "site"
    for name in ("accounts", "feeds", "gallery", "nopeek_site", "privacy", "templates"):
        shutil.copytree(
            root / name,
            copy / name,
            ignore=shutil.ignore_patterns("__pycache__", "*.onnx"),
        )
    (copy / "locale").mkdir()
    subprocess.run(
        ["django-admin", "makemessages", "-l", "de", "--no-location", "-v", "0"],
        cwd=copy,
        check=True,
        env={"PATH": f"{root / '.venv' / 'bin'}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )
    made = (copy / "locale" / "de" / "LC_MESSAGES" / "django.po").read_text("utf-8")
    found = {key(entry) for entry in entries(made)}
    assert sorted(found - german.keys()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/", "/explore/", "/accounts/login/", "/offline/"])
def test_pages_are_in_german(url: str) -> None:
    client = Client(headers={"accept-language": "de-AT,de;q=0.9"})
    page = client.get(url).content.decode()
    assert '<html lang="de"' in page
    for word in ("Log in<", "Sign up<", "Explore<", "Skip to content"):
        assert word not in page


def test_scripts_have_their_words_from_the_page() -> None:
    """Every word that a script uses is given to it, and none is given in vain."""
    used = set()
    for script in sorted((CATALOG.parents[3] / "static" / "js").glob("*.js")):
        used |= set(re.findall(r"(?<![.\w])words\.(\w+)\b", script.read_text("utf-8")))
    assert used - {"js", "dataset", "replace", "textContent"} == set(script_words())
    with translation.override("de"):
        assert script_words()["cancel"] == "Abbrechen"
