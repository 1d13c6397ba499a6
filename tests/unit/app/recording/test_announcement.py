"""Who records a venue is believed only of a process that lives, and of names that ExpoFlow gives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.recording.announcement import (
    ANNOUNCEMENT_NAME,
    RecorderKind,
    announce,
    find_other_recorder,
    find_recorder,
    make_announcement,
    withdraw,
)
from app.recording.stop_request import is_stop_requested, request_stop
from tests.support.servers.other_recorder import NO_BOARD, announce_living_process

SLOTS = (("north", "expoflow-1-00000000000a"),)


def test_a_recorder_is_found_while_it_lives(tmp_path: Path) -> None:
    own = make_announcement(RecorderKind.WINDOW, board=NO_BOARD, slots=SLOTS)
    announce(tmp_path, own)
    assert find_recorder(tmp_path) == own
    assert find_other_recorder(tmp_path) is None
    withdraw(tmp_path, own)
    assert find_recorder(tmp_path) is None
    other = announce_living_process(tmp_path)
    assert find_other_recorder(tmp_path) == other
    withdraw(tmp_path, own)
    assert find_recorder(tmp_path) == other


def test_what_a_killed_recorder_left_counts_for_nothing(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    own = make_announcement(RecorderKind.SERVICE, board=NO_BOARD, slots=SLOTS)
    for stale in (
        replace(own, pid=ended.pid),
        replace(own, began_s=own.began_s - 60.0),
        replace(own, machine="elsewhere"),
    ):
        announce(tmp_path, stale)
        assert find_recorder(tmp_path) is None


@pytest.mark.parametrize(
    "change",
    [{"board": "../../etc/passwd"}, {"slots": [["north", "/dev/mem"]]}, {"pid": -1}, {"kind": "stranger"}],
)
def test_a_file_from_a_stranger_names_no_memory_of_others(tmp_path: Path, change: dict[str, object]) -> None:
    announce(tmp_path, make_announcement(RecorderKind.WINDOW, board=NO_BOARD, slots=SLOTS))
    file = tmp_path / ANNOUNCEMENT_NAME
    assert find_recorder(tmp_path) is not None
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    assert find_recorder(tmp_path) is None
    file.write_text("[" * 50_000)
    assert find_recorder(tmp_path) is None


def test_a_wish_is_for_one_recorder(tmp_path: Path) -> None:
    own = make_announcement(RecorderKind.WINDOW, board=NO_BOARD, slots=())
    assert not is_stop_requested(tmp_path, own)
    request_stop(tmp_path, own)
    assert is_stop_requested(tmp_path, own)
    assert not is_stop_requested(tmp_path, replace(own, pid=os.getppid()))
