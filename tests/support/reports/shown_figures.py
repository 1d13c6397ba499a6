"""Every figure of one period, as pages, report, REST and export name it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from PySide6.QtCore import QObject

from analytics.domain.arrays import Interval
from analytics.findings.finding import FindingKind
from analytics.results.content import FloorMap, KeyFigures, ReportContent, Table
from analytics.results.data_sets import DataSet, RowFormat, Step
from app.core.document import Venue
from app.gui.dwell.dwell_durations import ZoneTable
from app.gui.dwell.dwell_tiles import describe_tiles
from app.gui.dwell.engagement_text import describe_certainty, describe_engagement, describe_funnel
from app.gui.dwell.model import DwellDashboardViewModel
from app.gui.exhibition.model import ExhibitionViewModel
from app.gui.exhibition.page import StandTable
from app.gui.findings.model import FindingsViewModel
from app.gui.findings.page import list_cards
from app.gui.floor_plan.floor_zone_panel import FloorZoneTable
from app.gui.floor_plan.model import FloorPlanViewModel
from app.gui.flows.flow_tables import LineTable, PassageTable
from app.gui.flows.model import FlowsViewModel
from app.gui.now.model import _make_day_tile
from app.gui.overview.model import OverviewViewModel
from app.gui.overview.text import RankedStandTable, describe_entries
from app.gui.session.app_state import AppState
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.site.halls import HallTable
from app.gui.tables.record_table import RecordTable
from app.integrations.hall_watch import HallWatch
from app.integrations.rest.hourly_summary import HistoryStep, read_hourly_summary
from app.integrations.rest.rest_models import describe_row
from app.now.day_arrivals import DayArrivals
from app.reports.export_data import DataOrder, export_data
from app.reports.make_report import ReportOrder, make_report
from app.reports.report_template import Template
from app.site.site_status import HallFigures
from tests.support.halls.walked_hall import SetClock
from tests.support.windows.inline_job_runner import InlineJobRunner

HALL = ""
MACHINE_NAMES = {
    "visits": "Visits",
    "engaged_visits": "Engaged visits",
    "mean_dwell_s": "Mean dwell",
    "mean_people": "Mean occupancy",
    "peak_people": "Peak occupancy",
    "person_seconds": "Person-seconds",
    "in": "Inwards",
    "out": "Outwards",
}
"""What a field of REST or a column of an export is called where people read it."""

STAND_FINDINGS = (FindingKind.COLD_ZONE, FindingKind.BETTER_STAND, FindingKind.WORSE_STAND)


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A number as it is shown.

    Attributes:
        place: page, report, or interface.
        subject: zone or line; empty for the hall.
        value: None where a dash is shown.
        step: half of the last digit shown.
    """

    place: str
    name: str
    subject: str
    value: float | None
    step: float = 0.0


def list_figures(venue: Venue, period_s: Interval, folder: Path) -> list[ShownFigure]:
    """Everything that is shown of the hall in one of its days."""
    return [*_list_pages(venue, period_s), *_list_halls(venue, period_s), *_list_report(venue, period_s),
            *_list_rest(venue, period_s), *_list_exports(venue, period_s, folder)]  # fmt: skip


def list_stand_figures(venue: Venue, period_s: Interval) -> list[ShownFigure]:
    """What pages and report show of the stands from the kept tables, without reading positions."""
    owner = QObject()
    parts = _open(venue, period_s, owner)
    shown = [*_list_stands(parts, owner), *_list_report(venue, period_s)]
    owner.deleteLater()
    return shown


def find_contradictions(figures: Iterable[ShownFigure]) -> list[tuple[ShownFigure, ShownFigure]]:
    """The pairs of figures with the same name and subject, and different values."""
    first: dict[tuple[str, str], ShownFigure] = {}
    found = []
    for figure in figures:
        if figure.value is None:
            continue
        other = first.setdefault((figure.name.casefold(), figure.subject), figure)
        allowed = figure.step + other.step + 1e-6 * abs(figure.value)
        if other.value is not None and abs(figure.value - other.value) > allowed:
            found.append((other, figure))
    return found


def read_number(text: str) -> tuple[float | None, float]:
    """The first number of a text, and half of its last digit: ``1,234``, ``52 %``, ``1:05 min``, ``41 s``."""
    clock = re.match(r"(\d+):(\d\d)(?::(\d\d))?( h)?", text)
    if clock:
        a, b, c, is_h = clock.groups()
        if c is not None:
            return int(a) * 3600.0 + int(b) * 60 + int(c), 0.5
        return (int(a) * 3600.0 + int(b) * 60, 30.0) if is_h else (int(a) * 60.0 + int(b), 0.5)
    plain = re.match(r"−?[\d,]+(\.\d+)?", text)
    if not plain:
        return None, 0.0
    scale = 0.01 if text[plain.end() :].lstrip().startswith("%") else 1.0
    decimals = len(plain.group(1) or ".") - 1
    number = float(plain.group().replace(",", "").replace("−", "-"))
    return scale * number, scale * 0.5 * 10.0**-decimals


def _open(venue: Venue, period_s: Interval, owner: QObject) -> dict[str, Any]:
    state = AppState(owner)
    state.show_venue(venue)
    state.set_period(period_s)
    clock = SetClock(period_s[1] + 3600.0)
    return {"app_state": state, "job_runner": InlineJobRunner(owner), "clock": clock, "parent": owner}


def _list_pages(venue: Venue, period_s: Interval) -> Iterator[ShownFigure]:
    owner = QObject()
    parts = _open(venue, period_s, owner)
    state = parts["app_state"]
    dwell = DwellDashboardViewModel(**parts)
    flows = FlowsViewModel(**parts)
    floor = FloorPlanViewModel(monitor=PipelineMonitor(owner), **parts)
    dwell.set_page_visible(True)
    flows.set_page_visible(True)
    floor.set_active(True)
    yield from _list_stands(parts, owner)
    for zone in (None, *(zone.name for zone in dwell.state.zones)):
        state.select_zone(zone)
        subject = HALL if zone is None else zone
        for tile in describe_tiles(dwell.state):
            yield ShownFigure("Dwell, tiles", tile.title, subject, *read_number(tile.value))
        for bar in describe_funnel(dwell.state):
            yield ShownFigure("Dwell, funnel", bar.label, subject, *read_number(bar.figure))
        for row in (*describe_engagement(dwell.state), *describe_certainty(dwell.state)):
            yield ShownFigure("Dwell, engagement", row.name, subject, *read_number(row.value))
    state.select_zone(None)
    yield from _read_table("Dwell, zones", ZoneTable(owner), [zone.figures for zone in dwell.state.zones])
    assert flows.state.figures is not None
    yield from _read_table("Flows, passages", PassageTable(owner), flows.state.figures.passages)
    yield from _read_table("Flows, lines", LineTable(owner), flows.state.figures.lines)
    yield from _read_table("Floor plan", FloorZoneTable(owner), floor.state.rows)
    days = DayArrivals(venue)
    while not (day := days.update(period_s[1] - 1.0)).is_complete:
        pass
    yield ShownFigure("Now", "Footfall", HALL, *read_number(_make_day_tile(day).value))
    owner.deleteLater()


def _list_stands(parts: dict[str, Any], owner: QObject) -> Iterator[ShownFigure]:
    """The pages *Exhibition*, *Overview* and *Findings*."""
    exhibition = ExhibitionViewModel(**parts)
    exhibition.set_page_visible(True)
    card = exhibition.state.figures
    assert card is not None
    overview = OverviewViewModel(monitor=PipelineMonitor(owner), **parts)
    overview.set_page_visible(True)
    glance = overview.state.figures
    assert glance is not None
    for figure in describe_entries(glance):
        yield ShownFigure("Overview", figure.title, HALL, *read_number(figure.value))
    yield from _read_table("Overview, stands", RankedStandTable(owner), glance.stands)
    yield from _read_table("Exhibition, stands", StandTable(owner), card.stands)
    findings = FindingsViewModel(**parts)
    findings.set_page_visible(True)
    assert findings.state.found is not None
    for row in list_cards(findings.state.found, time_zone="UTC", today=date(2026, 3, 14)):
        if row.finding is not None and row.finding.kind in STAND_FINDINGS:
            zone = str(row.finding.zone)
            yield ShownFigure("Findings", "Visitors who stop", zone, *read_number(row.why))
            share = re.search(r"\d+ %", row.why)
            assert share is not None
            yield ShownFigure("Findings", "Of its place", zone, *read_number(share.group()))


def _list_halls(venue: Venue, period_s: Interval) -> Iterator[ShownFigure]:
    """What the page over all halls, and other systems, show of this hall in the evening of the day."""
    owner, clock = QObject(), SetClock(period_s[1] - 3600.0)
    watch = HallWatch(venue.folder, clock=clock, computes_history_in_thread=False)
    while (snapshot := watch.take_snapshot()).arrivals_today is None:
        clock.now_s += 120.0
    watch.close()
    for zone in snapshot.zones:
        yield ShownFigure("Live REST", "Visits", zone.name, zone.visits_today, 0.5)
    hall = HallFigures(venue.name, 1, 1, 1, 1, may_see=True, snapshot=snapshot, age_s=0.0)
    for figure in _read_table("Halls", HallTable(owner), [hall]):
        yield replace(figure, name=figure.name.removesuffix(" today"), subject=HALL)
    owner.deleteLater()


def _read_table(place: str, table: RecordTable[Any], records: Iterable[Any]) -> Iterator[ShownFigure]:
    first, *columns = table.make_columns()
    for record in records:
        subject = (first.exported or first.shown)(record)
        for column in columns:
            value = column.sorted_by(record) if column.is_number else None
            if not isinstance(value, str):
                yield ShownFigure(place, column.title, subject, value, read_number(column.shown(record))[1])


def _list_report(venue: Venue, period_s: Interval) -> Iterator[ShownFigure]:
    order = ReportOrder(Template.DAILY, period_s)
    yield from read_report("Report", make_report(venue, order))
    stand = str(venue.geometry_at(period_s[1]).zones[0].name)
    yield from read_report("Stand", make_report(venue, ReportOrder(Template.STAND, period_s, stand=stand)))


def read_report(place: str, content: ReportContent) -> Iterator[ShownFigure]:
    """The figures of a report."""
    for section in content.sections:
        for block in section.blocks:
            if isinstance(block, KeyFigures):
                for figure in block.figures:
                    yield ShownFigure(place, figure.name, content.subtitle, *read_number(figure.shown))
            if isinstance(block, Table) and block.key in ("zones", "stands", "lines", "days"):
                for row in block.rows:
                    for cell, column in zip(row[1:], block.columns[1:], strict=True):
                        value = cell[0] if isinstance(cell, tuple) else cell
                        subject = HALL if block.key == "days" else str(row[0])
                        if not isinstance(value, str):
                            scale = 100.0 if column.kind.value == "share" else 1.0
                            step = 0.5 * 10.0**-column.decimals / scale
                            yield ShownFigure(f"{place}, {block.key}", column.title, subject, value, step)
            if isinstance(block, FloorMap) and block.key == "of_place":
                for zone in block.zones:
                    if zone.label:
                        label = zone.label.rstrip(" ▲▼")
                        yield ShownFigure(f"{place}, map", "Of its place", zone.name, *read_number(label))


def _list_rest(venue: Venue, period_s: Interval) -> Iterator[ShownFigure]:
    rows = read_hourly_summary(venue, period_s=period_s, step=HistoryStep.DAY, now_utc_s=period_s[1] + 3600.0)
    for row in rows:
        answer = describe_row(row)
        for field in ("visits", "mean_dwell_s"):
            yield ShownFigure("REST", MACHINE_NAMES[field], answer.zone, getattr(answer, field), 0.05)


def _list_exports(venue: Venue, period_s: Interval, folder: Path) -> Iterator[ShownFigure]:
    sets = (DataSet.VISITS, DataSet.OCCUPANCY, DataSet.CROSSINGS)
    written = export_data(
        venue, DataOrder(sets, period_s, Step.DAY), out_folder=folder, row_format=RowFormat.CSV
    )
    for path in written.rows:
        table = pd.read_csv(path, keep_default_na=False, na_values=[""])
        subject = "line" if "line" in table else "zone"
        for row in table.to_dict("records"):
            for column in MACHINE_NAMES.keys() & set(table.columns):
                value = None if pd.isna(row[column]) else float(row[column])
                name = "" if pd.isna(row[subject]) else str(row[subject])
                yield ShownFigure(f"Export, {path.name}", MACHINE_NAMES[column], name, value, 0.05)
