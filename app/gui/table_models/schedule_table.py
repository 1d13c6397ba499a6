"""Scheduled reports as a table: what, when, where to, and what became of the last one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QLocale

from app.gui.table_models.cell_text import ABSENT
from app.gui.table_models.record_table import RecordTable, TableColumn
from app.gui.translation import display_name, tr
from app.operations.report_template import TITLES, Template
from app.operations.schedule_row import ScheduleRow
from app.venue.schedule_file import Rhythm, Schedule, Target


def name_template(template: str) -> str:
    """What a report is called; one of another version by its key."""
    return tr(TITLES[Template(template)].template) if template in set(Template) else template


def name_rhythm(rhythm: Rhythm) -> str:
    """How often a report comes."""
    return {
        Rhythm.DAY: tr("Every open day"),
        Rhythm.WEEK: tr("Every week"),
        Rhythm.SHOW: tr("After the show"),
    }[rhythm]


def name_target(target: Target) -> str:
    """The way on which a report goes."""
    return {
        Target.FOLDER: tr("Into a folder"),
        Target.MAIL: tr("By mail"),
        Target.WEBHOOK: tr("To a web address"),
    }[target]


def describe_rhythm(schedule: Schedule) -> str:
    """How often and at what time."""
    words = name_rhythm(schedule.rhythm)
    if schedule.rhythm is Rhythm.WEEK:
        words += f", {QLocale().dayName(schedule.weekday + 1)}"
    return f"{words}, {schedule.at:%H:%M}"


def describe_last(row: ScheduleRow, zone: ZoneInfo) -> str:
    """What became of the newest report."""
    last = row.last
    if last is None:
        return tr("none yet")
    if last.sent_s is not None and not last.problem:
        return tr("sent {time}", time=f"{datetime.fromtimestamp(last.sent_s, zone):%m-%d %H:%M}")
    if last.sent_s is not None:
        return tr("not made: {problem}", problem=last.tell_problem(tr))
    if last.is_given_up:
        return tr("given up: {problem}", problem=last.tell_problem(tr))
    return tr("waits: {problem}", problem=last.tell_problem(tr))


class ScheduleTable(RecordTable[ScheduleRow]):
    """One row a schedule, by the venue's clock."""

    time_zone = "UTC"

    def make_columns(self) -> Sequence[TableColumn[ScheduleRow]]:
        """The columns in the window's language."""

        def show_next(row: ScheduleRow) -> str:
            if not row.schedule.is_enabled:
                return tr("switched off")
            if row.next_s is None:
                return ABSENT
            return f"{datetime.fromtimestamp(row.next_s, ZoneInfo(self.time_zone)):%m-%d %H:%M}"

        def show_report(row: ScheduleRow) -> str:
            words = name_template(row.schedule.template)
            return f"{words}, {display_name(row.schedule.stand)}" if row.schedule.stand else words

        return (
            _make_text_column(tr("Name"), lambda row: row.schedule.name),
            _make_text_column(tr("Report"), show_report),
            _make_text_column(tr("When"), lambda row: describe_rhythm(row.schedule)),
            _make_text_column(tr("Goes to"), lambda row: row.schedule.to),
            TableColumn(tr("Next one"), show_next, lambda row: row.next_s, is_number=False),
            _make_text_column(tr("Last"), lambda row: describe_last(row, ZoneInfo(self.time_zone))),
        )


def _make_text_column(title: str, show: Callable[[ScheduleRow], str]) -> TableColumn[ScheduleRow]:
    return TableColumn(title, show, lambda row: show(row).casefold(), is_number=False)
