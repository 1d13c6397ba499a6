from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QTransform
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.change_set import Part
from app.gui.canvas.floor_plan_canvas import LabelKind
from app.gui.canvas.plan_editor_canvas import PlanEditorCanvas
from app.gui.canvas.plan_editor_items import EditableShapesItem
from app.gui.session.translation import install_language, translate_names
from app.plan.floor_scene import CameraShape, FloorScene
from app.plan.plan_shapes import EditableShape, Shape

PIXELS = QTransform.fromScale(20.0, -20.0)


def make_area(part: Part, name: str, box: tuple[float, float, float, float]) -> EditableShape:
    left, low, right, high = box
    return EditableShape(Shape(part, name), ((left, low), (right, low), (right, high), (left, high)))


@pytest.mark.usefixtures("qapp")
def test_a_name_of_an_obstacle_gives_way_to_a_zones() -> None:
    item = EditableShapesItem()
    item.set_shapes(
        [
            make_area(Part.OBSTACLES, "Counter", (0, 0, 8, 4)),
            make_area(Part.ZONES, "Stand 1", (1, 1, 7, 3)),
            make_area(Part.OBSTACLES, "Pillar 1", (20, 0, 25, 1.2)),
            make_area(Part.ZONES, "Stand 2", (20, 0, 25, 1.2)),
            make_area(Part.OBSTACLES, "A long name in a small place", (30, 0, 31, 1)),
            make_area(Part.ZONES, "A long name in a small zone", (40, 0, 41, 1)),
            make_area(Part.ZONES, "Packaging", (50, 0, 52.5, 2)),
            make_area(Part.ZONES, "Entrance doors", (60, 0, 66, 4)),
            EditableShape(Shape(Part.LINES, "Entrance"), ((66.5, 0), (66.5, 4))),
            EditableShape(Shape(Part.LINES, "Side door"), ((80, 0), (80, 4))),
        ]
    )
    places = {shape.name: place for shape, place in item.list_names(PIXELS).items()}
    assert places["Stand 1"].center() == QPointF(80.0, -40.0)
    assert not places["Counter"].intersects(places["Stand 1"])
    assert QRectF(0.0, -80.0, 160.0, 80.0).contains(places["Counter"])
    assert places["Packaging"].width() > 50.0, "it stands out of its zone"
    assert set(places) == {
        "Counter",
        "Stand 1",
        "Stand 2",
        "Packaging",
        "Entrance doors",
        "Side door",
    }, "there is no room for the others, and a door that is a zone and a line has one name"


def test_names_follow_the_language_and_cameras_names_stay_clear_of_them(
    qtbot: QtBot, qapp: QApplication
) -> None:
    floor = ((0.0, 0.0), (40.0, 0.0), (40.0, 15.0), (0.0, 15.0))
    canvas = PlanEditorCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(800, 400)
    canvas.show_scene(FloorScene(floor, cameras=(CameraShape("West camera", (), (10.0, 0.5)),)))
    canvas.show_shapes((make_area(Part.ZONES, "Robotics", (7, 0.5, 13, 3)),), None)
    with qtbot.waitExposed(canvas):
        canvas.show()
    try:
        translate_names(True)
        widths = []
        for language in ("en", "zh_CN"):
            install_language(qapp, language)
            qtbot.wait(50)
            (name,) = canvas.list_taken(canvas.viewportTransform())
            (camera,) = (place for kind, _, place in canvas.label_places() if kind is LabelKind.CAMERA)
            assert not camera.intersects(name)
            widths.append(name.width())
        assert widths[1] < widths[0]
    finally:
        translate_names(False)
        install_language(qapp, "en")
