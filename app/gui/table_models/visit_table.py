"""The visits behind a bar or a zone as a table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from analytics.domain.clock import format_utc
from analytics.metrics.engagement_tier import VISIT_TIERS
from app.gui.table_models.cell_text import format_duration, format_moment, is_one_day
from app.gui.table_models.record_table import RecordTable, TableColumn, make_name_column
from app.gui.table_models.tier_names import name_tier
from app.gui.translation import tr
from app.operations.listed_visits import VisitRecord

ZONE_COLUMN = 1


class VisitTable(RecordTable[VisitRecord]):
    """One row a visit; times in the venue's own time."""

    def __init__(self, parent: QObject | None = None) -> None:
        self._time_zone = "UTC"
        self._has_dates = True
        super().__init__(parent)

    def set_time_zone(self, name: str) -> None:
        """The venue's, an IANA name; before the visits are shown."""
        self._time_zone = name

    def show(self, records: Sequence[VisitRecord]) -> None:
        """Replace all rows; dates are left out where all are the same."""
        if records:
            start_s = min(visit.entered_utc_s for visit in records)
            end_s = max(visit.left_utc_s for visit in records)
            self._has_dates = not is_one_day(start_s, end_s, time_zone=self._time_zone)
        super().show(records)

    def make_columns(self) -> Sequence[TableColumn[VisitRecord]]:
        """The columns in the window's language."""
        return (
            TableColumn(
                tr("Visitor"),
                lambda v: v.visitor,
                lambda v: v.visitor,
                is_number=False,
                meaning=tr("A random name of this list; the next list has others, and nobody keeps them."),
            ),
            make_name_column(tr("Zone"), lambda v: v.zone),
            TableColumn(
                tr("Entered"),
                lambda v: format_moment(v.entered_utc_s, time_zone=self._time_zone, has_date=self._has_dates),
                lambda v: v.entered_utc_s,
                lambda v: format_utc(v.entered_utc_s),
                tr("Entered (UTC)"),
            ),
            TableColumn(
                tr("Left"),
                lambda v: format_moment(v.left_utc_s, time_zone=self._time_zone, has_date=self._has_dates),
                lambda v: v.left_utc_s,
                lambda v: format_utc(v.left_utc_s),
                tr("Left (UTC)"),
            ),
            TableColumn(
                tr("Stayed"),
                lambda v: format_duration(v.seconds),
                lambda v: v.seconds,
                lambda v: f"{v.seconds:.3f}",
                tr("Dwell (s)"),
            ),
            TableColumn(
                tr("Stopped"),
                lambda v: format_duration(v.stop_s) if v.stop_s > 0 else tr("not at all"),
                lambda v: v.stop_s,
                lambda v: f"{v.stop_s:.3f}",
                tr("Stop (s)"),
            ),
            TableColumn(
                tr("Tier"),
                describe_tier,
                lambda v: float(VISIT_TIERS.index(v.tier)),
                lambda v: v.tier.value,
                is_number=False,
            ),
            TableColumn(
                tr("Completeness"),
                describe_completeness,
                lambda v: float(2 * v.is_start_censored + v.is_end_censored),
                is_number=False,
            ),
        )


def describe_tier(visit: VisitRecord) -> str:
    """How far it went, in words."""
    name = name_tier(visit.tier)
    return tr("{tier} or further", tier=name) if visit.may_be_higher else name


def describe_completeness(visit: VisitRecord) -> str:
    """Whether its two ends were seen, in words."""
    if visit.is_complete:
        return tr("complete")
    if visit.is_start_censored and visit.is_end_censored:
        return tr("start and end not seen")
    return tr("start not seen") if visit.is_start_censored else tr("end not seen")
