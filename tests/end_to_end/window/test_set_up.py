"""From an empty application to running counts, by mouse and keyboard: an installer's first day."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QGraphicsView, QListWidget
from pytestqt.qtbot import QtBot

from analytics.domain.zone import Zone, ZoneKind
from analytics.results.summary import compute_results
from analytics.store.sql_event_store import open_reader
from app.core.file_format import read_venue
from app.facts.camera_views import find_camera_views
from app.facts.identified_period import identify_period
from app.gui.calibration.page import CalibrationDialog
from app.gui.live.video_tile import VideoTile
from app.gui.plan.text import name_kind
from app.gui.session.translation import install_language, tr, trn
from resources.demo import DEMO_FOLDER
from resources.translations import LANGUAGES
from tests.support.halls.drawn_hall import (
    LAYOUT,
    PASSWORD,
    PLAN_PX_PER_M,
    USER,
    draw_plan,
    find_pixel,
    find_seen_floor,
    name_plainly,
    open_hall,
)
from tests.support.simulator import needs_simulator
from tests.support.windows.installer import Installer
from tests.support.windows.shown_window import show_window
from tools.simulation.rendering.exhibition_scene import HALL_CAMERAS, HallCamera

# the platform without a display says so of every menu and list that drops down
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

PICTURES = os.environ.get("EXPOFLOW_PICTURES")
"""A folder for a picture of every step; none are kept without it."""
PERIOD_S, UPDATE_INTERVAL_S = 30.0, 0.5
VENUE = "Spring Fair"
FLOOR = {
    "Entrance": ((5.0, 4.5), (14.5, 4.5), (4.0, 8.0), (16.0, 8.0), (3.0, 12.0), (18.0, 12.0)),
    "Cafe": ((25.0, 4.5), (34.5, 4.5), (24.0, 8.0), (36.0, 8.0), (22.0, 12.0), (38.0, 12.0)),
    "Stage": ((8.5, 20.5), (18.0, 20.5), (7.5, 17.0), (19.5, 17.0), (5.5, 13.0), (21.5, 13.0)),
    "Exit": ((26.0, 20.5), (35.5, 20.5), (25.0, 17.0), (37.0, 17.0), (23.0, 13.0), (39.0, 13.0)),
}
"""Marks on the floor that an installer measured, metres."""


CLICKED_WITHIN_M, DRAWN_WITHIN_M = 0.15, 0.15
"""The mouse hits whole pixels of the screen, some six centimetres of the plan each; corners snap to 0.1 m."""
PEOPLE_AGREE, ENTERED_AGREE = 0.25, 3
"""A share of the people in view, and people; the recording begins somewhere in the crowd's period."""
ZONES = ("Batteries", "Software", "Drones")
DOORS, ENTRANCE = "Doors", ((2.4, 6.9), (2.4, 10.1))


class SetUp:
    """The steps in their order."""

    def __init__(self, hands: Installer, folder: Path) -> None:
        self.hands, self.folder = hands, folder

    def create_venue(self) -> None:
        hands = self.hands
        hands.take_picture("welcome")
        hands.click(tr("Create a venue"))
        hands.write(tr("Name of the exhibition"), VENUE)
        hands.write(tr("Folder"), str(self.folder))
        hands.write(tr("Width of the hall"), "40")
        hands.write(tr("Depth of the hall"), "25")
        hands.take_picture("create")
        hands.click(tr("Create"))
        hands.wait(lambda: VENUE in hands.words())
        hands.click(tr("Live"))
        hands.wait(lambda: tr("No camera yet") in hands.words())
        hands.take_picture("created")

    def import_plan(self, plan: Path) -> None:
        hands = self.hands
        hands.choose_file(tr("Next: import the plan"), plan)
        hands.wait(
            lambda: (
                tr("Click two points of the picture with a known distance; Esc to cancel.") in hands.words()
            )
        )
        canvas = hands.find(tr("Editable plan"), QGraphicsView)
        hands.click_on(canvas, (0.0, 12.0), (40.0, 12.0))
        hands.take_picture("scale")
        hands.write(tr("Length between the two points"), "40")
        hands.click(tr("Set the distance between the two points"))
        hands.take_picture("scaled")

    def add_camera(self, name: str, address: str, *, is_first: bool) -> None:
        hands = self.hands
        hands.click(tr("Live"))
        hands.click(tr("Add a camera"))
        hands.click(tr("By address"))
        hands.write(tr("Address"), address)
        assert hands.focused_name == tr("Next")
        if is_first:
            hands.take_picture("camera-address")
        hands.click(tr("Next"))
        hands.write(tr("User name"), USER)
        hands.write(tr("Password"), PASSWORD)
        if is_first:
            hands.take_picture("camera-login")
        hands.click(tr("Next"))
        hands.wait(lambda: hands.can_click(tr("Next")))
        if is_first:
            hands.take_picture("camera-tried")
        hands.click(tr("Next"))
        hands.write(tr("Name"), name)
        if is_first:
            hands.take_picture("camera-name")
        hands.click(tr("Add the camera"))
        hands.wait(lambda: any(tile.camera == name for tile in self._list_tiles()))
        if is_first:
            hands.take_picture("camera-added")

    def calibrate(self, camera: HallCamera, *, is_first: bool) -> None:
        hands, name = self.hands, name_plainly(camera)
        hands.click(tr("Live"))
        if is_first:
            hands.click(tr("Next: calibrate {camera}", camera=name))
        else:
            (tile,) = [tile for tile in self._list_tiles() if tile.camera == name]
            hands.choose_in_menu(tile, tr("Calibrate"))
        picture = hands.find(tr("Picture of the camera"), QGraphicsView)
        plan = hands.find(tr("Floor plan"), QGraphicsView)
        hands.wait(lambda: hands.find(tr("New picture")).isEnabled())
        if is_first:
            hands.take_picture("calibration-opened")
        for place in FLOOR[name]:
            hands.click_on(picture, find_pixel(camera, place))
            hands.click_on(plan, place)
        hands.wait(lambda: hands.find(tr("Save")).isEnabled())
        hands.wait(lambda: hands.is_idle)
        if is_first:
            hands.take_picture("calibration-clicked")
        hands.click(tr("Save"))
        hands.wait(lambda: not isinstance(hands.place, CalibrationDialog))
        if is_first:
            hands.take_picture("calibration-saved")

    def draw_zone(self, name: str) -> None:
        hands, zone = self.hands, find_zone(name)
        corners = zone.outline.points
        hands.click(tr("Draw a rectangular zone"))
        hands.drag_on(self._canvas, min(corners), max(corners))
        self._name(name)

    def draw_entrance(self) -> None:
        hands = self.hands
        hands.click(tr("Draw a line that counts people who cross it"))
        hands.click_on(self._canvas, *ENTRANCE)
        hands.press(Qt.Key.Key_Return)
        self._name(DOORS)
        hands.choose(tr("Kind"), name_kind(ZoneKind.ENTRANCE))

    def draw(self, zones: Sequence[str]) -> None:
        hands = self.hands
        hands.click(tr("Edit plan"))
        hands.click(tr("Selection"))
        for name in zones:
            self.draw_zone(name)
        hands.take_picture("zone-drawn")
        self.draw_entrance()
        hands.take_picture("line-drawn")

    def look_at_coverage(self) -> None:
        hands = self.hands
        hands.click(tr("Coverage"))
        hands.wait(lambda: hands.is_idle)
        hands.take_picture("coverage")
        hands.click_text(tr("Advice"))
        hands.take_picture("coverage-advice")

    def check(self) -> list[str]:
        """Problems with the plan."""
        hands = self.hands
        hands.click(tr("Edit plan"))
        hands.click_text(tr("Check"))
        hands.wait(lambda: hands.is_idle)
        hands.take_picture("checked")
        found = [w for w in hands.place.findChildren(QListWidget) if w.isVisible()]
        return [w.item(row).text() for w in found for row in range(w.count())]

    def start(self) -> None:
        hands = self.hands
        hands.click(tr("Settings"))
        sections = hands.find(tr("Sections of the settings"), QListWidget)
        (models,) = sections.findItems(tr("Models"), Qt.MatchFlag.MatchExactly)
        hands.click_at(sections.viewport(), sections.visualItemRect(models).center())
        hands.click(tr("Use {name} for this venue", name="expoflow-demo"))
        hands.take_picture("model-chosen")
        hands.click(tr("Floor plan"))
        hands.click(tr("Start recording"))
        hands.wait(lambda: bool(self.read_people()))

    def watch(self, duration_s: float) -> list[int]:
        """How many people the floor plan says are in view, time and again."""
        people: list[int] = []
        until_s = time.monotonic() + duration_s
        requested_s = time.monotonic()

        def look() -> bool:
            nonlocal requested_s
            if time.monotonic() - requested_s > UPDATE_INTERVAL_S:
                requested_s = time.monotonic()
                people.append(self.read_people() or 0)
            return time.monotonic() > until_s

        self.hands.wait(look, timeout_ms=round(2000 * duration_s))
        self.hands.take_picture("running")
        self.hands.click(tr("Live"))
        self.hands.wait(lambda: all(tile.has_picture for tile in self._list_tiles()))
        self.hands.take_picture("live")
        return people

    def stop(self) -> None:
        hands = self.hands
        hands.click(tr("Stop recording"))
        hands.click(tr("Floor plan"))
        hands.wait(lambda: hands.can_find(tr("Start recording")) and hands.is_idle)
        hands.take_picture("stopped")
        hands.click(tr("Dwell"))
        hands.wait(lambda: hands.is_idle)
        hands.take_picture("dwell")

    def read_people(self) -> int | None:
        """How many people the floor plan says are in view now."""
        for sentence in self.hands.words().splitlines():
            for n in (1, 2):
                before, after = trn("{n} person in view now", "{n} people in view now", n).split(str(n))
                number = sentence.removeprefix(before).removesuffix(after)
                if sentence.endswith(after) and number.isdecimal():
                    return int(number)
        return None

    @property
    def _canvas(self) -> QGraphicsView:
        return self.hands.find(tr("Editable plan"), QGraphicsView)

    def _name(self, name: str) -> None:
        hands = self.hands
        hands.wait(lambda: hands.is_idle)
        hands.write(tr("Name"), name)
        hands.wait(lambda: hands.is_idle)

    def _list_tiles(self) -> list[VideoTile]:
        return [tile for tile in self.hands.place.findChildren(VideoTile) if tile.isVisible()]


def find_zone(name: str) -> Zone:
    return next(zone for zone in LAYOUT.zones if zone.name == name)


def read_numbers(folder: Path) -> tuple[float, int, float]:
    """People in view on average, and how many came in by the doors, as every user gets them; seconds."""
    venue, reader = read_venue(folder), open_reader(folder)
    try:
        tracks, spans = reader.read_tracks(), reader.read_spans()
    finally:
        reader.close()
    geometry, views = venue.geometry_at(None), find_camera_views(venue)
    start_s, end_s = float(spans["start_s"].min()), float(spans["end_s"].max())
    period = identify_period(
        tracks=tracks,
        spans=spans,
        period_s=(start_s, end_s),
        views=views,
        zones=geometry.zones,
        lines=geometry.lines,
        corrections=venue.corrections,
    )
    summary: Any = compute_results(
        tracks=period.tracks,
        spans=period.spans,
        zones=geometry.zones,
        lines=geometry.lines,
        duration_s=end_s - start_s,
        views=views,
        doors=period.doors,
    ).summary
    return summary["people_in_view"]["mean"], summary["lines"][DOORS]["in"], end_s - start_s


@pytest.fixture
def opened(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[SetUp]:
    with show_window(qtbot) as (window, parts):
        pictures = Path(PICTURES) if PICTURES else None
        yield SetUp(Installer(qtbot, window, parts.job_runner, pictures), tmp_path)


def test_a_camera_is_added_calibrated_and_its_zone_drawn(opened: SetUp, tmp_path: Path) -> None:
    camera = HALL_CAMERAS[0]
    with open_hall(tmp_path, [camera], period_s=2.0, is_open=False) as hall:
        opened.create_venue()
        opened.import_plan(draw_plan(tmp_path / "plan.png"))
        opened.add_camera(name_plainly(camera), hall.url(camera), is_first=True)
        opened.calibrate(camera, is_first=True)
    opened.draw(ZONES[:1])
    assert opened.check() == []
    venue = read_venue(tmp_path / f"{VENUE}.expoflow")
    assert venue.plan.picture is not None
    assert venue.plan.picture.metres_per_pixel == pytest.approx(1 / PLAN_PX_PER_M, rel=0.01)
    geometry = venue.camera_geometry(name_plainly(camera))
    assert geometry is not None
    seen = np.array(FLOOR[name_plainly(camera)])
    pixels = np.array([find_pixel(camera, place) for place in FLOOR[name_plainly(camera)]])
    assert np.linalg.norm(geometry.project_to_floor(pixels) - seen, axis=1).max() < CLICKED_WITHIN_M
    (zone,) = venue.geometry_at(None).zones
    assert zone.name == ZONES[0]
    for corner, truth in zip(
        sorted(zone.outline.points), sorted(find_zone(ZONES[0]).outline.points), strict=True
    ):
        assert np.hypot(*np.subtract(corner, truth)) < DRAWN_WITHIN_M
    (line,) = venue.geometry_at(None).lines
    assert (line.name, line.kind) == (DOORS, ZoneKind.ENTRANCE)


@pytest.mark.slow
@pytest.mark.timeout(900)
@needs_simulator
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_whole_hall_is_set_up_and_counts(
    opened: SetUp, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    for variable in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    install_language(qapp, language)
    with open_hall(tmp_path, HALL_CAMERAS, period_s=PERIOD_S, is_open=True) as hall:
        opened.create_venue()
        opened.import_plan(draw_plan(tmp_path / "plan.png"))
        for number, camera in enumerate(HALL_CAMERAS):
            opened.add_camera(name_plainly(camera), hall.url(camera), is_first=not number)
            opened.calibrate(camera, is_first=not number)
        opened.draw(ZONES)
        opened.look_at_coverage()
        opened.check()
        opened.start()
        people = opened.watch(2 * PERIOD_S)
        opened.stop()
        truth = hall.count_people(find_seen_floor())
    mean, entered, duration_s = read_numbers(tmp_path / f"{VENUE}.expoflow")
    assert duration_s > 2 * PERIOD_S
    assert mean == pytest.approx(truth, rel=PEOPLE_AGREE)
    # at one moment they are more or fewer, and a busy machine passes pictures over
    assert truth / 2 < max(people) < 2 * truth
    (entrance,) = [line for line in LAYOUT.hall.lines if line.name == "Entrance"]
    assert entered == pytest.approx(hall.count_crossings(entrance, duration_s), abs=ENTERED_AGREE)


@pytest.mark.slow
@pytest.mark.timeout(900)
@needs_simulator
def test_a_new_venue_shows_people_within_35_actions(
    opened: SetUp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera, hands = HALL_CAMERAS[0], opened.hands
    name, zone = name_plainly(camera), find_zone(ZONES[0])
    with open_hall(tmp_path, [camera], period_s=PERIOD_S, is_open=True) as hall:
        hands.click(tr("Create a venue"))
        hands.type(VENUE)
        hands.click(tr("Create"))
        hands.choose_file(tr("Next: import the plan"), draw_plan(tmp_path / "plan.png"))
        hint = tr("Click two points of the picture with a known distance; Esc to cancel.")
        hands.wait(lambda: hint in hands.words())
        hands.click_on(opened._canvas, (0.0, 12.0), (40.0, 12.0))
        hands.type("40")
        hands.press(Qt.Key.Key_Return)
        hands.click(tr("Next: add a camera"))
        hands.click(tr("By address"))
        # the keyboard is where the next word belongs
        for field, text in (
            (tr("Address"), hall.url(camera)),
            (tr("User name"), USER),
            (tr("Password"), PASSWORD),
        ):
            if field == tr("Address"):
                hands.click(field)
            hands.wait(partial(is_focused, hands, field))
            hands.type(text)
            hands.press(Qt.Key.Key_Tab)
            if field == tr("Address"):
                hands.click(tr("Next"))
        hands.click(tr("Next"))
        hands.wait(lambda: hands.can_click(tr("Next")))
        hands.click(tr("Next"))
        hands.wait(partial(is_focused, hands, tr("Name")))
        hands.type(name)
        hands.click(tr("Add the camera"))
        hands.click(tr("Next: calibrate {camera}", camera=name))
        picture = hands.find(tr("Picture of the camera"), QGraphicsView)
        plan = hands.find(tr("Floor plan"), QGraphicsView)
        hands.wait(lambda: hands.find(tr("New picture")).isEnabled())
        for place in FLOOR[name][:2] + FLOOR[name][-2:]:
            hands.click_on(picture, find_pixel(camera, place))
            hands.click_on(plan, place)
        hands.wait(lambda: hands.find(tr("Save")).isEnabled() and hands.is_idle)
        hands.click(tr("Save"))
        hands.click(tr("Next: draw zones"))
        hands.drag_on(opened._canvas, min(zone.outline.points), max(zone.outline.points))
        hands.wait(lambda: hands.is_idle)
        hands.click(tr("Next: start recording"))
        hands.wait(lambda: bool(opened.read_people()))
    assert hands.actions <= 35


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_hall_of_a_known_size_with_a_film_shows_people_within_35_actions(
    opened: SetUp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall, hands = read_venue(DEMO_FOLDER), opened.hands
    (camera,) = [entry.camera for entry in hall.cameras if entry.name == "Middle west camera"]
    width_m, depth_m = hall.plan.outline.to_shape().bounds[2:]
    QImage(round(20 * width_m), round(20 * depth_m), QImage.Format.Format_RGB32).save(
        str(tmp_path / "plan.png")
    )
    clip = DEMO_FOLDER / "clips" / "middle-west.mp4"
    hands.click(tr("Create a venue"))
    hands.type(VENUE)
    hands.write(tr("Width of the hall"), f"{width_m:g}")
    hands.write(tr("Depth of the hall"), f"{depth_m:g}")
    hands.click(tr("Create"))
    hands.choose_file(tr("Next: import the plan"), tmp_path / "plan.png")
    hands.click(tr("Next: add a camera"))
    # the dialog is there at once, and the camera is tried after it
    hands.choose_file(tr("File or folder"), clip)
    hands.wait(lambda: hands.can_click(tr("Next")))
    hands.click(tr("Next"))
    hands.click(tr("Add the camera"))
    hands.click(tr("Next: calibrate {camera}", camera=clip.stem))
    picture = hands.find(tr("Picture of the camera"), QGraphicsView)
    plan = hands.find(tr("Floor plan"), QGraphicsView)
    hands.wait(lambda: hands.find(tr("New picture")).isEnabled())
    for pair in camera.pairs[:6]:
        hands.click_on(picture, (pair.u_px, pair.v_px))
        hands.click_on(plan, (pair.x_m, pair.y_m))
    hands.wait(lambda: hands.find(tr("Save")).isEnabled() and hands.is_idle)
    hands.click(tr("Save"))
    hands.click(tr("Next: draw zones"))
    hands.drag_on(opened._canvas, (20.0, 2.5), (24.0, 6.5))
    hands.wait(lambda: hands.is_idle)
    hands.click(tr("Next: start recording"))
    hands.wait(lambda: bool(opened.read_people()))
    assert hands.actions <= 35, hands.actions


def is_focused(hands: Installer, field: str) -> bool:
    return hands.focused_name == field
