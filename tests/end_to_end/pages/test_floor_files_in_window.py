"""Import and export of zones and point pairs in the real window."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from app.core.document import Venue
from app.core.file_format import read_venue
from app.gui.plan.floor_files import FloorFilesPanel
from app.gui.plan.page import PlanEditorView
from app.gui.session.translation import install_language
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import Page
from app.gui.window.startup import make_application
from tests.support.halls.known_history import make_known_venue
from tests.support.windows.shown_window import ANSWERS_WITHIN_MS, click, find_button, show_window

PAIRS = "camera,u_px,v_px,x_m,y_m\n" + "".join(
    f"cam,{u},{v},{x},{y}\n"
    for u, v, x, y in ((50, 300, 0, 0), (600, 310, 6, 0), (450, 120, 6, 4), (180, 110, 0, 4))
)
SQUARE = [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0], [0.0, 0.0]]
CROSSED = [[0.0, 0.0], [2.0, 2.0], [2.0, 0.0], [0.0, 2.0], [0.0, 0.0]]
FLAT = [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [0.0, 0.0]]

Opened = tuple[MainWindow, WindowParts, PlanEditorView, FloorFilesPanel]
Answer = Callable[[Path], None]


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    return make_known_venue(tmp_path, is_recorded=False)


@pytest.fixture
def opened(qtbot: QtBot, qapp: QApplication, venue: Venue) -> Iterator[Opened]:
    with show_window(qtbot, Page.FLOOR_PLAN, Page.EDIT_PLAN) as (window, parts):
        with qtbot.waitSignal(parts.app_state.venue_opened, timeout=ANSWERS_WITHIN_MS):
            parts.shell.open_venue(venue.folder)
        window.show_page(Page.EDIT_PLAN)
        (page,) = window.findChildren(PlanEditorView)
        (panel,) = window.findChildren(FloorFilesPanel)
        click(qtbot, window, "Zones and calibration as files")
        qtbot.waitUntil(lambda: not parts.job_runner.handles, timeout=ANSWERS_WITHIN_MS)
        yield window, parts, page, panel


@pytest.fixture
def choose_file(monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Return the file in place of the system's dialog."""

    def answer(file: Path) -> None:
        for dialog in ("getOpenFileName", "getSaveFileName"):
            monkeypatch.setattr(QFileDialog, dialog, lambda *_: (str(file), ""))

    return answer


def write_zones(file: Path, *rings: list[list[float]]) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"stand {number}", "kind": "booth"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for number, ring in enumerate(rings, start=1)
    ]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return file


def count_zones(page: PlanEditorView) -> int:
    """How many zones can be selected, besides nothing and the hall."""
    return page.details.chooser.count() - 2


def import_file(qtbot: QtBot, opened: Opened, name: str) -> str:
    """Import a file and return the message shown."""
    window, parts, _, panel = opened
    before = panel.message.text()
    click(qtbot, window, name)
    qtbot.waitUntil(
        lambda: not parts.job_runner.handles and panel.message.text() not in ("", before), timeout=20_000
    )
    return panel.message.text()


def test_zones_are_imported_after_confirmation_and_undone(
    qtbot: QtBot, opened: Opened, venue: Venue, choose_file: Answer, tmp_path: Path
) -> None:
    window, _, page, panel = opened
    choose_file(write_zones(tmp_path / "hall.geojson", SQUARE))
    before = read_venue(venue.folder)
    message = import_file(qtbot, opened, "Import zones and lines from GeoJSON")
    assert (
        message == "hall.geojson contains 1 zone and 0 lines; the venue has 3 zones and 0 lines. "
        "How should they be imported?"
    )
    assert read_venue(venue.folder) == before
    click(qtbot, window, "Also for past data, back to the start of the current zones")
    qtbot.waitUntil(lambda: count_zones(page) == 1, timeout=ANSWERS_WITHIN_MS)
    assert [zone.name for zone in read_venue(venue.folder).geometry_at(None).zones] == ["stand 1"]
    click(qtbot, window, "Undo the import")
    qtbot.waitUntil(lambda: count_zones(page) == 3, timeout=ANSWERS_WITHIN_MS)
    assert read_venue(venue.folder) == before
    assert not panel.undo.isVisible()


def test_zones_imported_from_now_on_keep_the_history(
    qtbot: QtBot, opened: Opened, venue: Venue, choose_file: Answer, tmp_path: Path
) -> None:
    window, _, page, _ = opened
    choose_file(write_zones(tmp_path / "hall.geojson", SQUARE))
    import_file(qtbot, opened, "Import zones and lines from GeoJSON")
    click(qtbot, window, "Past data keep the previous zones")
    qtbot.waitUntil(lambda: count_zones(page) == 1, timeout=ANSWERS_WITHIN_MS)
    former, new = read_venue(venue.folder).geometry_versions
    assert (len(former.zones), former.valid_from_utc_s) == (3, None)
    assert len(new.zones) == 1
    assert new.valid_from_utc_s is not None


UNUSABLE_ZONES: dict[str, tuple[list[list[list[float]]], str]] = {
    "crosses itself": ([SQUARE, CROSSED], "stand 2"),
    "no area": ([FLAT], "stand 1"),
    "empty": ([], "contains no zones or lines"),
}


def test_unusable_zones_are_rejected_with_a_message(
    qtbot: QtBot, opened: Opened, venue: Venue, choose_file: Answer, tmp_path: Path
) -> None:
    _, _, _, panel = opened
    before = (venue.folder / "venue.toml").read_bytes()
    for case, (rings, words) in UNUSABLE_ZONES.items():
        choose_file(write_zones(tmp_path / "hall.geojson", *rings))
        message = import_file(qtbot, opened, "Import zones and lines from GeoJSON")
        assert message.startswith("hall.geojson"), case
        assert words in message, case
        assert panel.message.property("tone") == "bad", case
        assert not panel.replace.isVisible(), case
        assert (venue.folder / "venue.toml").read_bytes() == before, case
    install_language(make_application(), "zh_CN")
    qtbot.waitUntil(lambda: panel.message.text() != message, timeout=ANSWERS_WITHIN_MS)
    install_language(make_application(), "en")


LINE_PAIRS = "camera,u_px,v_px,x_m,y_m\n" + "".join(f"cam,{50 * n},{100 + n},{n},0\n" for n in range(5))


UNUSABLE_PAIRS: dict[str, tuple[str, tuple[str, str]]] = {
    "three pairs": ("\n".join(PAIRS.splitlines()[:4]), ("camera 'cam' has 3 point pairs", "at least four")),
    "on a line": (LINE_PAIRS, ("camera 'cam'", "on one line")),
    "unknown camera": (PAIRS.replace("cam,", "east,"), ("no camera 'east'", "Its cameras are: 'cam'")),
    "no number": (PAIRS.replace("600", "wide"), ("line 3", "'wide', not a number")),
    "wrong heading": ("x,y\n1,2\n", ("line 1 lacks the columns", "camera,u_px,v_px,x_m,y_m")),
}


def test_unusable_point_pairs_are_rejected_with_a_message(
    qtbot: QtBot, opened: Opened, venue: Venue, choose_file: Answer, tmp_path: Path
) -> None:
    _, _, _, panel = opened
    file = tmp_path / "pairs.csv"
    choose_file(file)
    before = (venue.folder / "venue.toml").read_bytes()
    for case, (text, words) in UNUSABLE_PAIRS.items():
        file.write_text(text, encoding="utf-8")
        message = import_file(qtbot, opened, "Import point pairs from CSV")
        for word in words:
            assert word in message, case
        assert panel.message.property("tone") == "bad", case
        assert (venue.folder / "venue.toml").read_bytes() == before, case


def test_point_pairs_are_imported_exported_and_undone(
    qtbot: QtBot, opened: Opened, venue: Venue, choose_file: Answer, tmp_path: Path
) -> None:
    window, parts, _, panel = opened
    assert not find_button(window, "Export point pairs as CSV").isEnabled()
    file = tmp_path / "pairs.csv"
    file.write_text(PAIRS, encoding="utf-8")
    choose_file(file)
    message = import_file(qtbot, opened, "Import point pairs from CSV")
    assert "cam: 4 point pairs, 0.0 cm mean error on the floor (now 0 point pairs)" in message
    assert read_venue(venue.folder).camera("cam").camera.pairs == ()
    click(qtbot, window, "Replace the current ones")
    qtbot.waitUntil(lambda: panel.message.property("tone") == "good", timeout=ANSWERS_WITHIN_MS)
    assert len(read_venue(venue.folder).camera("cam").camera.pairs) == 4
    qtbot.waitUntil(lambda: not parts.job_runner.handles, timeout=ANSWERS_WITHIN_MS)
    choose_file(tmp_path / "again")
    message = import_file(qtbot, opened, "Export point pairs as CSV")
    assert message == f"Exported to {tmp_path / 'again.csv'}."
    assert (tmp_path / "again.csv").read_text(encoding="utf-8").count("cam,") == 4
    click(qtbot, window, "Undo the import")
    qtbot.waitUntil(lambda: not panel.undo.isVisible(), timeout=ANSWERS_WITHIN_MS)
    qtbot.waitUntil(lambda: not parts.job_runner.handles, timeout=ANSWERS_WITHIN_MS)
    assert read_venue(venue.folder).camera("cam").camera.pairs == ()


def test_exported_zones_equal_imported_ones(
    qtbot: QtBot, opened: Opened, venue: Venue, choose_file: Answer, tmp_path: Path
) -> None:
    window, _, _, panel = opened
    choose_file(tmp_path / "out.geojson")
    import_file(qtbot, opened, "Export zones and lines as GeoJSON")
    assert panel.message.property("tone") == "good"
    message = import_file(qtbot, opened, "Import zones and lines from GeoJSON")
    assert message.startswith("out.geojson contains 3 zones")
    click(qtbot, window, "Discard the file")
    assert not panel.message.isVisible()
    assert not [label for label in panel.findChildren(QLabel) if "out.geojson" in label.text()]
    choose_file(tmp_path / "nowhere" / "out.geojson")
    message = import_file(qtbot, opened, "Export zones and lines as GeoJSON")
    assert panel.message.property("tone") == "bad"
    assert "nowhere" in message
