"""A child's words arrive, its failures become sentences, and cancelling ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from analytics.domain.errors import ModelError
from tests.support.waiting import wait_until
from vision.detection.child_task import TaskProgress, is_child_of_bundle, run_child_task

CHILD = "tests.support.scripted_child"
PROJECT = Path(__file__).parents[4]


class CancelledError(Exception):
    pass


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


def test_the_answer_and_the_progress_arrive_and_prints_disturb_nobody() -> None:
    heard: list[TaskProgress] = []
    answer = run_child_task(CHILD, {"act": "answer", "text": "展区 Ä"}, listener=heard.append)
    assert answer["echo"] == "展区 Ä"
    assert answer["process"] != os.getpid()
    assert TaskProgress("working", 1, 2) in heard


def test_an_error_for_people_keeps_its_sentences() -> None:
    with pytest.raises(ModelError) as caught:
        run_child_task(CHILD, {"act": "fail", "text": ""})
    assert (caught.value.problem, caught.value.remedy) == ("The lamp is broken.", "Fix the lamp.")


def test_a_crash_becomes_a_sentence_with_the_last_word_of_the_child() -> None:
    with pytest.raises(ModelError, match="Segmentation fault of a library"):
        run_child_task(CHILD, {"act": "crash", "text": ""})


def test_a_module_that_does_not_exist_becomes_a_sentence() -> None:
    with pytest.raises(ModelError, match="No module named"):
        run_child_task("vision.detection.absent_child", {})


@pytest.mark.skipif(os.name == "nt", reason="the bundle of this test is a script, which Windows does not run")
def test_a_bundle_is_asked_to_run_the_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = tmp_path / "expoflow"
    bundle.write_text(
        f"#!{sys.executable}\nimport sys\nraise SystemExit(str(sys.argv[1:]))\n", encoding="utf-8"
    )
    bundle.chmod(0o755)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(bundle))
    with pytest.raises(ModelError, match=r"\['--run-module', 'vision\.detection\.x'\]"):
        run_child_task("vision.detection.x", {})


def test_only_our_own_children_are_run_by_a_bundle() -> None:
    assert is_child_of_bundle(["expoflow", "--run-module", "vision.detection.absent_child"])
    assert not is_child_of_bundle(["expoflow", "--run-module", "http.server"])
    assert not is_child_of_bundle(["expoflow", "--run-module"])
    command = [sys.executable, "-m", "app", "--run-module", "vision.detection.absent_child"]
    result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert "No module named vision.detection.absent_child" in result.stderr


def test_a_listener_that_raises_ends_the_child() -> None:
    before = children()
    calls = 0

    def cancel(progress: TaskProgress) -> None:
        nonlocal calls
        calls += progress.stage == "working"
        if calls == 2:  # the second call is a heartbeat: the child says nothing more
            raise CancelledError

    with pytest.raises(CancelledError):
        run_child_task(CHILD, {"act": "hang", "text": ""}, listener=cancel)
    assert children() == before


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_the_child_ends_with_its_parent() -> None:
    code = (
        "from vision.detection.child_task import run_child_task\n"
        f"run_child_task({CHILD!r}, dict(act='hang', text=''), listener=lambda p: print(p.stage, flush=True))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        while parent.stdout.readline().strip() != "working":
            pass
        (child,) = psutil.Process(parent.pid).children()
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 10)
