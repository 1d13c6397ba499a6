"""A language comes by one file: the window and the command line offer it, speak it, and report in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from resources.files import resource_path
from resources.locales.make_translations import merge_parts

PROJECT = Path(__file__).parents[3]
PROBE = """
import json, sys
from pathlib import Path
from app.cli.program import main
from app.gui.session.translation import LANGUAGE_NAMES
from app.core.file_format import write_venue
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall, walk_through

folder = Path(sys.argv[1])
venue = make_hall(folder)
walk_through(venue, start_s=NOW_UTC_S - 7200, duration_s=600, people=20)
write_venue(venue)
order = ["report", "--venue", str(venue.folder), "--out"]
made = main([*order, str(folder / "day.html"), "--language", "de"])
refused = main([*order, str(folder / "day.html"), "--language", "fr"])
print(json.dumps({"names": LANGUAGE_NAMES, "made": made, "refused": refused}))
"""


def write_pseudo_language(folder: Path) -> None:
    """One file: every English text between marks, and the language's own name."""
    known = merge_parts(resource_path("locales", "zh_CN", "LC_MESSAGES"), "zh_CN")
    catalogue = Catalog(locale="de", charset="utf-8", fuzzy=False)
    for message in known:
        if not message.id:
            continue
        if message.context == "language":
            catalogue.add(message.id, "Deutsch", context=message.context)
        elif isinstance(message.id, tuple):
            catalogue.add(message.id, tuple(f"«{text}»" for text in message.id), context=message.context)
        else:
            catalogue.add(message.id, f"«{message.id}»", context=message.context)
    parts = folder / "parts"
    parts.mkdir(parents=True)
    with (parts / "all.po").open("wb") as out:
        write_po(out, catalogue)


@pytest.mark.slow
def test_a_fresh_clone_speaks_chinese_once_it_is_installed(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--no-local", str(PROJECT), str(clone)], check=True)
    catalogue = clone / "resources" / "locales" / "zh_CN" / "LC_MESSAGES" / "app.mo"
    environment = {**os.environ, "LC_ALL": "zh_CN.UTF-8", "EXPOFLOW_HOME": str(tmp_path / "home")}
    show_help = [sys.executable, "-m", "app", "--help"]

    def run(command: list[str]) -> str:
        return subprocess.run(
            command, cwd=clone, env=environment, capture_output=True, text=True, check=True
        ).stdout

    assert not catalogue.exists()
    assert "显示本说明并退出" not in run(show_help)
    # what pip runs for `pip install --editable .`
    run([sys.executable, "-c", "from setuptools import build_meta as b; b.build_editable('.')"])
    assert catalogue.exists()
    assert "显示本说明并退出" in run(show_help)


@pytest.mark.slow
def test_a_third_language_comes_by_one_file(tmp_path: Path) -> None:
    copy = tmp_path / "program" / "resources"
    shutil.copytree(resource_path(), copy, ignore=shutil.ignore_patterns("fonts", "models", "__pycache__"))
    for name in ("fonts", "models"):
        (copy / name).symlink_to(resource_path(name))
    write_pseudo_language(copy / "locales" / "de" / "LC_MESSAGES")
    subprocess.run(
        [sys.executable, str(copy / "locales" / "make_translations.py")], check=True, capture_output=True
    )
    home = tmp_path / "home"
    environment = {
        **os.environ,
        "PYTHONPATH": str(PROJECT),
        "EXPOFLOW_HOME": str(home),
        "LC_ALL": "de_AT.UTF-8",
        "QT_QPA_PLATFORM": "offscreen",
    }
    ran = subprocess.run(
        [sys.executable, "-c", PROBE, str(tmp_path)],
        cwd=copy.parent, env=environment, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    told = json.loads(ran.stdout.splitlines()[-1])
    assert told["names"] == {"en": "English", "de": "Deutsch", "zh_CN": "简体中文"}
    assert told["made"] == 0
    assert told["refused"] != 0
    # the system is German, and so is the command line
    assert "«ExpoFlow has no language 'fr'" in " ".join(ran.stderr.split()).replace("│ ", "")
    page = (tmp_path / "day.html").read_text(encoding="utf-8")
    assert "«Daily summary»" in page
    assert "«Where and when visitors were»" in page
    assert '<html lang="de">' in page
