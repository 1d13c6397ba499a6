"""What a report tells of stands that few people visited, and of stands against their place."""

from __future__ import annotations

from types import SimpleNamespace

from analytics.flows.line_flow import LineFlow
from analytics.metrics.estimate import Estimate
from analytics.results.content import Table
from app.exhibition.exhibition_figures import StandRow
from app.flows.flow_figures import LineFigures
from app.reports.report_text import ReportText
from app.reports.report_understanding import write_engagement, write_flows


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
