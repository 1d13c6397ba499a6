"""A command in a process of its own: its answer, its progress, its words when it fails, its end."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from analytics.domain.errors import OutputError
from app.core import child_command
from app.core.child_command import run_child_command
from app.core.job import JobCancelled, JobContext


def test_the_answer_is_what_it_wrote() -> None:
    assert "expoflow" in json.loads(run_child_command(("version", "--json"), JobContext()))


def test_a_failure_has_its_sentences(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        run_child_command(("venue", "check", str(tmp_path / "none.expoflow")), JobContext())
    assert "none.expoflow" in caught.value.problem
    assert caught.value.problem_template == "There is no venue {folder}."
    assert caught.value.remedy.startswith("Choose a venue's folder")


def test_a_crash_names_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        child_command, "PROGRAM_FOLDER", write_program(tmp_path, "raise SystemExit('gone {1}')")
    )
    with pytest.raises(OutputError) as caught:
        run_child_command(("venue",), JobContext())
    assert caught.value.problem == "The command 'venue' failed: gone {1}"


def write_program(folder: Path, body: str) -> Path:
    (folder / "app").mkdir()
    (folder / "app" / "__init__.py").touch()  # or the package of this name on PYTHONPATH comes first
    (folder / "app" / "__main__.py").write_text(body, encoding="utf-8")
    return folder


def test_a_bundle_is_called_with_the_command_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = tmp_path / "expoflow"
    bundle.write_text(f"#!{sys.executable}\nimport sys\nprint(sys.argv[1:])\n", encoding="utf-8")
    bundle.chmod(0o755)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(bundle))
    assert run_child_command(("version", "--json"), JobContext()) == "['version', '--json']\n"


def test_progress_is_passed_on_and_no_part_of_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = (
        "import sys, pathlib\n"
        'print(\'{"done": 2, "total": 8}\', flush=True)\n'
        "while not pathlib.Path('seen').exists(): pass\n"
        "print('answer')\n"
    )
    monkeypatch.setattr(child_command, "PROGRAM_FOLDER", write_program(tmp_path, body))

    def note(done: float, total: float) -> None:
        if (done, total) == (2.0, 8.0):
            (tmp_path / "seen").touch()

    assert run_child_command((), JobContext(on_progress=note)) == "answer\n"


def test_a_cancelled_command_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "import pathlib, threading\npathlib.Path('begun').touch()\nthreading.Event().wait(60)\n"
    monkeypatch.setattr(child_command, "PROGRAM_FOLDER", write_program(tmp_path, body))
    context = JobContext(is_cancelled=(tmp_path / "begun").exists)
    with pytest.raises(JobCancelled):
        run_child_command((), context)
