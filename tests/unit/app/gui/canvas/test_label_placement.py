from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSizeF
from pytestqt.qtbot import QtBot

from app.gui.canvas.floor_plan_canvas import FloorPlanCanvas, LabelRequest, list_centres_around, place_labels
from app.plan.floor_scene import FloorScene, PlanShape

SIZE = QSizeF(40, 16)
at_most_200 = st.integers(0, 200)


def wish_around(x: float, y: float, *, avoids_areas: bool = False) -> LabelRequest:
    return LabelRequest(SIZE, list_centres_around(QPointF(x, y), SIZE, gap_px=8), avoids_areas=avoids_areas)


def test_the_more_important_name_keeps_its_best_place() -> None:
    first, second = wish_around(50, 50), wish_around(52, 52)
    places = place_labels([first, second])
    assert places[0] == first.centres[0]
    assert places[1] is not None
    assert places[1] != second.centres[0]


def test_a_name_without_a_free_place_waits() -> None:
    fixed = LabelRequest(SIZE, (QPointF(0, 0),))
    assert place_labels([fixed, fixed]) == [QPointF(0, 0), None]


def test_a_shy_name_moves_out_of_an_area_but_covers_it_where_it_must() -> None:
    above = QRectF(0, 0, 200, 40)
    (place,) = place_labels([wish_around(100, 50, avoids_areas=True)], avoided=[above])
    assert place is not None
    assert place.y() > 50
    everywhere = QRectF(-500, -500, 1000, 1000)
    wish = wish_around(100, 50, avoids_areas=True)
    assert place_labels([wish], avoided=[everywhere]) == [wish.centres[0]]
    bold = wish_around(100, 50)
    assert place_labels([bold], avoided=[above]) == [bold.centres[0]]


@given(st.lists(st.tuples(at_most_200, at_most_200, st.booleans()), max_size=12))
def test_no_name_covers_another(marks: list[tuple[int, int, bool]]) -> None:
    wishes = [wish_around(x, y, avoids_areas=avoids_areas) for x, y, avoids_areas in marks]
    places = place_labels(wishes, avoided=[QRectF(20, 20, 60, 60)])
    covered = [wish.rect_at(place) for wish, place in zip(wishes, places, strict=True) if place is not None]
    assert not any(one.intersects(other) for index, one in enumerate(covered) for other in covered[:index])
    assert places[0] is not None if places else True


def test_a_shy_name_covers_as_few_avoided_areas_as_it_can() -> None:
    wish = wish_around(100, 50, avoids_areas=True)
    everywhere = QRectF(-500, -500, 1000, 1000)
    above = QRectF(0, 0, 200, 40)
    (place,) = place_labels([wish], avoided=[everywhere, above])
    assert place is not None
    assert place.y() > 50


def test_a_figure_does_not_cover_the_whole_colour_of_its_zone(qtbot: QtBot) -> None:
    hall, stand = (
        tuple((x * size_m, y * size_m) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))) for size_m in (30.0, 0.5)
    )
    canvas = FloorPlanCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(400, 400)
    canvas.show_scene(FloorScene(hall, zones=(PlanShape("Hall", hall), PlanShape("Stand", stand))))
    canvas.show_notes({}, dict.fromkeys(("Hall", "Stand"), "38 %"), scale_by=1.0)
    with qtbot.waitExposed(canvas):
        canvas.show()
    qtbot.waitUntil(lambda: canvas.visible_labels() == ("Hall",), timeout=2000)
    # without room on the plan, a pointer over the stand names it
    assert [item.toolTip() for item in canvas.items(canvas.mapFromScene(0.25, 0.25)) if item.toolTip()] == [
        "Stand: 38 %",
        "Hall: 38 %",
    ]
    canvas.show_selected("Stand")
    qtbot.waitUntil(lambda: "Stand" in canvas.visible_labels(), timeout=2000)
