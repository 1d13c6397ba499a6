"""What a report tells of stands that few people visited, and of stands against their place."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from analytics.domain.errors import Phrase
from analytics.domain.floor_plan import FloorPlan
from analytics.flows.line_flow import LineFlow
from analytics.metrics.estimate import Estimate
from analytics.results.content import Paragraph, Table, Weight
from app.exhibition.exhibition_figures import StandRow
from app.flows.flow_figures import LineFigures
from app.reports.report_stand import write_advice
from app.reports.report_text import ReportText
from app.reports.report_understanding import write_engagement, write_flows
from tests.support.halls.builder import box


def make_stand(name: str, visits: int) -> StandRow:
    return StandRow(
        zone=name,
        colour=0,
        area_m2=10.0,
        coverage=1.0,
        observed_s=7200.0,
        exposed=30.0,
        visits=visits,
        stopped=visits,
        engaged_visits=visits,
        engaged_minutes=2.0,
    )


def test_fewer_than_five_visits_are_suppressed() -> None:
    stands = [make_stand("Four", 4), make_stand("Five", 5), make_stand("None", 0)]
    source = SimpleNamespace(
        text=ReportText("en", "UTC", is_demonstration=False),
        exhibition=SimpleNamespace(stands=stands, places_note=None),
    )
    (table,) = write_engagement(source)  # type: ignore[arg-type]
    assert isinstance(table, Table)
    found = {row[0]: row[1:] for row in table.rows}
    nothing = (None, None, None)
    assert found["Four"] == (None, None, nothing, nothing, None, None, None, 2.0, 1.0)
    assert found["Five"][:2] == (30.0, 5)
    assert found["None"][:2] == (30.0, 0)
    # two minutes on 10 m² in two hours
    assert found["Five"][-3] == 0.1
    assert "fewer than 5 visits" in table.note


def test_fewer_than_five_crossings_are_suppressed() -> None:
    per_minute = Estimate(1.3, (1.1, 1.5))
    door = LineFigures("Door", 2.0, 627, 4, LineFlow(per_minute, per_minute), 7.0, 0.0, (), None)
    source = SimpleNamespace(
        text=ReportText("en", "UTC", is_demonstration=False),
        flows=SimpleNamespace(lines=[door], transitions=[], routes=[], paths=[]),
    )
    table = write_flows(source)[0]  # type: ignore[arg-type]
    assert isinstance(table, Table)
    assert table.rows[0][:3] == ("Door", 627, None)
    assert "Fewer than 5 people" in table.note


def test_a_warning_of_the_values_of_places_comes_before_them() -> None:
    stand = replace(make_stand("Optics", 90), of_place=Estimate(1.2, (0.8, 1.6)))
    source = SimpleNamespace(
        text=ReportText("en", "UTC", is_demonstration=False),
        exhibition=SimpleNamespace(stands=[stand], places_note=Phrase("Broken tracks.")),
        facts=SimpleNamespace(plan=FloorPlan(box(0.0, 0.0, 9.0, 9.0)), zones=()),
        layout=SimpleNamespace(findings=()),
    )
    warning = Paragraph("Broken tracks.", Weight.WARNING)
    assert write_engagement(source)[1] == warning  # type: ignore[arg-type]
    assert write_advice(source, "Optics")[0] == warning  # type: ignore[arg-type]
