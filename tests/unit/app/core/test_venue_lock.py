"""Changes of one venue by several threads and programs at once: none is lost, none waits for ever."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from analytics.domain.errors import VenueError
from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind
from app.core import venue_lock
from app.core.file_format import read_venue
from app.core.venue_lock import lock_venue
from app.plan.edit_geometry import AddShape
from app.plan.edit_venue import choose_model, create_hall
from app.plan.saved_edits import save_edit

HOLDER = """
import sys
from pathlib import Path
from app.core.venue_lock import lock_venue
with lock_venue(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
PROJECT = Path(__file__).parents[4]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return create_hall(
        tmp_path / "hall.expoflow", name="hall", time_zone="Europe/Berlin", size_m=(9, 9)
    ).folder


@contextmanager
def held_elsewhere(folder: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        try:
            assert holder.stdout.readline() == "held\n"
            yield holder
        finally:
            holder.kill()


def test_nothing_is_lost_when_many_change_at_once(folder: Path) -> None:
    def add(number: int) -> None:
        outline = Polygon.from_points([(0, 0), (1, 0), (1, 1)], what="it")
        save_edit(folder, AddShape(Zone(ZoneId(f"Z{number}"), ZoneKind.BOOTH, outline)))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(24)))
    assert {zone.name for zone in read_venue(folder).geometry_at(None).zones} == {f"Z{n}" for n in range(24)}


def test_who_waits_too_long_is_told_so_and_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(venue_lock, "MAX_WAIT_S", 0.1)
    with held_elsewhere(folder):
        with pytest.raises(VenueError, match=r"Another program has been changing 'hall' for 0\.1 s"):
            choose_model(folder, "yolo11n")
        # reading needs no lock
        assert read_venue(folder).settings.model_name != "yolo11n"


def test_who_was_killed_holds_nothing(folder: Path) -> None:
    with held_elsewhere(folder) as holder:
        holder.kill()
        holder.wait()
        assert choose_model(folder, "yolo11n").settings.model_name == "yolo11n"


def test_one_thread_may_hold_it_twice(folder: Path) -> None:
    with lock_venue(folder), lock_venue(folder):
        assert choose_model(folder, "yolo11n").settings.model_name == "yolo11n"


def test_a_folder_that_is_not_there_is_told_as_ever(tmp_path: Path) -> None:
    with pytest.raises(VenueError, match="There is no venue"):
        choose_model(tmp_path / "none.expoflow", "yolo11n")
