"""Names of the demonstration are translated; names given by users are not."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from analytics.domain.camera import Camera
from analytics.domain.exhibition import Exhibition, OpeningHours
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import CameraId, ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.dwell.zone_figures import ZoneFigures
from app.core.document import Venue, VenueCamera
from app.core.file_format import create_venue, read_venue
from app.gui.dwell.dwell_durations import ZoneTable
from app.gui.session.app_state import AppState
from app.gui.session.camera_words import describe_failure
from app.gui.session.translation import display_name, install_language
from app.timeline.timeline_file import read_timeline
from resources.demo import DEMO_FOLDER
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.source_faults import SourceFault, make_source_error

STAGE = Zone(
    ZoneId("Stage"),
    ZoneKind.BOOTH,
    Polygon.from_points([(1, 1), (4, 1), (4, 4), (1, 4)], what="zone 'Stage'"),
)
SHOWN = ZoneFigures("Stage", 0.9)


def make_venue(folder: Path, kind: SourceKind) -> Venue:
    """Return a venue with a camera and a zone named as in the demonstration."""
    return create_venue(
        folder,
        Exhibition(
            "Demo exhibition", "Asia/Shanghai", (OpeningHours(date(2026, 11, 25), time(9), time(17)),)
        ),
        FloorPlan(Polygon.from_points([(0, 0), (20, 0), (20, 10), (0, 10)], what="the plan")),
        cameras=(VenueCamera(Camera(CameraId("Stage")), SourceAddress(kind, "rtsp://10.0.0.7/s1")),),
        geometry=FloorGeometry((STAGE,)),
    )


@pytest.fixture
def users(tmp_path: Path) -> Venue:
    return make_venue(tmp_path / "users.expoflow", SourceKind.RTSP)


@pytest.fixture
def demonstration(tmp_path: Path) -> Venue:
    return make_venue(tmp_path / "demo.expoflow", SourceKind.CLIP)


def show_zone_table() -> tuple[str, str]:
    """Return the zone's name in a table and in its export."""
    table = ZoneTable()
    table.show([SHOWN])
    return table.index(0, 0).data(), table.export_row(0)[0]


def test_names_of_the_demonstration_follow_the_language(
    qtbot: QtBot, qapp: QApplication, demonstration: Venue
) -> None:
    state = AppState()
    state.show_venue(demonstration)
    assert display_name("Stage") == "Stage"
    install_language(qapp, "zh_CN")
    assert show_zone_table() == ("舞台", "Stage")
    assert display_name("Café 2") == "Café 2"
    error = make_source_error(SourceFault.LOST, camera="Stage", location="rtsp://10.0.0.7/s1")
    assert "“舞台”" in describe_failure(error)[0]
    state.close_venue()
    assert show_zone_table() == ("Stage", "Stage")


def test_names_given_by_users_are_not_translated(
    qtbot: QtBot, qapp: QApplication, users: Venue, demonstration: Venue
) -> None:
    state = AppState()
    install_language(qapp, "zh_CN")
    state.show_venue(demonstration)
    state.show_venue(users)
    assert show_zone_table() == ("Stage", "Stage")
    assert display_name(users.exhibition.name) == "Demo exhibition"
    error = make_source_error(SourceFault.LOST, camera="Stage", location="rtsp://10.0.0.7/s1")
    assert "“Stage”" in describe_failure(error)[0]


def test_every_name_of_the_demonstration_has_a_chinese_one(
    qtbot: QtBot, qapp: QApplication, demonstration: Venue
) -> None:
    AppState().show_venue(demonstration)
    install_language(qapp, "zh_CN")
    shipped, timeline = read_venue(DEMO_FOLDER), read_timeline(DEMO_FOLDER)
    names = {str(name) for name in shipped.camera_names} | {shipped.exhibition.name}
    for geometry in shipped.geometry_versions:
        names |= {str(item.name) for item in (*geometry.zones, *geometry.lines)} | {geometry.label}
    names |= {event.name for event in timeline.events} | {note.text for note in timeline.notes}
    assert len(names) > 30
    assert not {name for name in names if display_name(name) == name}
