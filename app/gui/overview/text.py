"""Texts of the overview, and its table of stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from analytics.results.day_quality import DayQuality
from app.core.view_link import LinkTarget, ViewLink
from app.exhibition.exhibition_figures import CARD_COLUMNS, OF_PLACE, STOPPED
from app.facts.day_quality import describe_grade, find_remedy
from app.findings.finding_text import describe_finding
from app.gui.charts.spark_line import draw_spark_line
from app.gui.session.cell_text import (
    ABSENT,
    format_change,
    format_figure,
    format_number,
    format_share_interval,
    format_with_interval,
)
from app.gui.session.quality_words import WINDOW_TEXT, describe_with_remedy, explain_loss
from app.gui.session.translation import display_name, join_sentences, tr, translate_phrase, trn
from app.gui.tables.record_table import (
    Index,
    RecordTable,
    TableColumn,
    export_number,
    make_name_column,
    make_number_column,
)
from app.gui.widgets.figure_list import LiveFigure
from app.overview.overview_figures import Attention, OverviewFigures, RankedStand

MAX_FINDINGS = 3
RATE_COLUMN, TREND_COLUMN, PLACE_COLUMN = 2, 4, 5
TREND_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_S_PER_H = 3600.0
_TREND_PX = 84


@dataclass(frozen=True, slots=True)
class AttentionRow:
    """Something that needs somebody, and the page on which it is done, if any; ``tone`` as of labels."""

    text: str
    link: ViewLink | None
    tone: str = ""


def describe_quality(quality: DayQuality) -> AttentionRow:
    """Return the quality of a period, with who is missed most and what helps."""
    grade, loss = describe_grade(quality, WINDOW_TEXT), next(iter(quality.losses), None)
    if loss is None:
        sentence = join_sentences([grade, tr("Nothing shows that people are missed.")])
        return AttentionRow(sentence, None, "good")
    tone = "bad" if quality.grade == "poor" else "warning"
    return AttentionRow(
        join_sentences([grade, describe_with_remedy(loss)]), ViewLink(find_remedy(loss)), tone
    )


def describe_entries(figures: OverviewFigures) -> tuple[LiveFigure, ...]:
    """Return the figures of the hall with their likely ranges; those that are unknown are left out."""
    return tuple(
        LiveFigure(
            translate_phrase(column.title),
            format_with_interval(entry.measured, partial(format_figure, column=column)),
            join_sentences(
                [translate_phrase(column.definition), explain_loss(figures.quality, entry.figure.value)]
            ),
        )
        for entry in figures.entries
        if entry.measured.value is not None
        for column in (CARD_COLUMNS[entry.figure],)
    )


def list_attention(
    found: Attention,
    *,
    time_zone: str,
    pending: Mapping[LinkTarget, int],
    unseen: Sequence[str],
    is_unrecorded: bool,
) -> tuple[AttentionRow, ...]:
    """Return what needs somebody, the most urgent first.

    Args:
        pending: number of undecided items by page.
        unseen: stands of which too little is seen for figures.
        is_unrecorded: the show is open, and nothing is recorded.
    """
    rows = []
    if is_unrecorded:
        rows.append(
            AttentionRow(tr("The show is open, and nothing is recorded."), ViewLink(LinkTarget.LIVE), "bad")
        )
    if alarms := pending.get(LinkTarget.NOW, 0):
        words = trn("{n} alarm is not acknowledged.", "{n} alarms are not acknowledged.", alarms)
        rows.append(AttentionRow(words, ViewLink(LinkTarget.NOW), "bad"))
    rows += _list_gaps(found)
    for finding in found.findings[:MAX_FINDINGS]:
        words_of_finding = describe_finding(finding, time_zone=time_zone, name_zone=display_name)
        text = tr(
            "{name}: {value}",
            name=translate_phrase(words_of_finding.what),
            value=translate_phrase(words_of_finding.impact),
        )
        rows.append(AttentionRow(text, ViewLink(LinkTarget.FINDINGS)))
    if more := len(found.findings[MAX_FINDINGS:]):
        words = trn("{n} more finding is undecided.", "{n} more findings are undecided.", more)
        rows.append(AttentionRow(words, ViewLink(LinkTarget.FINDINGS)))
    if unseen:
        names = tr(", ").join(map(display_name, unseen))
        words = tr("Too little is seen of {zones} for figures.", zones=names)
        rows.append(AttentionRow(words, ViewLink(LinkTarget.COVERAGE), "warning"))
    if proposals := pending.get(LinkTarget.EDIT_PLAN, 0):
        words = trn(
            "{n} object may have been counted as a person.",
            "{n} objects may have been counted as persons.",
            proposals,
        )
        rows.append(AttentionRow(words, ViewLink(LinkTarget.EDIT_PLAN)))
    return tuple(rows)


def _list_gaps(found: Attention) -> list[AttentionRow]:
    gaps, rows = found.gaps, []
    if gaps is None:
        return []
    if gaps.is_reportable:
        rows.append(
            AttentionRow(
                tr(
                    "{missing} of {expected} open hours were not observed.",
                    missing=format_number(gaps.unobserved_s / _S_PER_H, decimals=1),
                    expected=format_number(gaps.expected_s / _S_PER_H, decimals=1),
                )
                if gaps.is_open_hours
                else tr(
                    "{missing} of {expected} hours were not observed.",
                    missing=format_number(gaps.unobserved_s / _S_PER_H, decimals=1),
                    expected=format_number(gaps.expected_s / _S_PER_H, decimals=1),
                ),
                ViewLink(LinkTarget.DOCTOR),
                "warning",
            )
        )
    if gaps.cameras:
        camera, seconds = gaps.cameras[0]
        text = tr(
            "The camera {camera} was missing for {hours} h.",
            camera=display_name(camera),
            hours=format_number(seconds / _S_PER_H, decimals=1),
        )
        rows.append(AttentionRow(text, ViewLink(LinkTarget.DOCTOR), "warning"))
    return rows


class RankedStandTable(RecordTable[RankedStand]):
    """Stands by the visitors who stop there per hour; the name carries the zone's colour."""

    quality: DayQuality | None = None

    def make_columns(self) -> Sequence[TableColumn[RankedStand]]:
        return (
            make_name_column(tr("Stand"), lambda stand: stand.row.zone),
            make_number_column(
                translate_phrase(STOPPED.title),
                lambda stand: STOPPED.read(stand.row),
                meaning=translate_phrase(STOPPED.definition),
            ),
            make_number_column(
                tr("Per h"),
                lambda stand: stand.per_hour.value,
                lambda value: format_number(value, decimals=1),
                meaning=tr("Visitors who stop per hour in which the stand was observed."),
            ),
            TableColumn(
                tr("vs. before"),
                describe_change,
                lambda stand: stand.change,
                lambda stand: export_number(stand.change, 4),
                tr("vs. before (ratio)"),
                meaning=tr(
                    "Change of the visitors who stop per hour against the period before; with an arrow where "
                    "the likely ranges (95 %) do not overlap."
                ),
            ),
            TableColumn(
                tr("Trend"),
                lambda _stand: "",
                lambda stand: stand.change,
                lambda stand: " ".join(export_number(value, 4) or "-" for value in stand.by_day),
                meaning=tr("Visitors who stop per observed hour, day by day, the latest at the right."),
                is_number=False,
            ),
            TableColumn(
                translate_phrase(OF_PLACE.title),
                describe_place,
                lambda stand: OF_PLACE.read(stand.row),
                lambda stand: export_number(OF_PLACE.read(stand.row), 4),
                tr("{title} (share)", title=translate_phrase(OF_PLACE.title)),
                meaning=translate_phrase(OF_PLACE.definition),
            ),
        )

    def find_colour(self, stand: RankedStand) -> int:
        return stand.row.colour

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.isValid() and role == TREND_ROLE:
            return self.record(index.row()).by_day
        if index.isValid() and role == Qt.ItemDataRole.ToolTipRole and index.column() == PLACE_COLUMN:
            if self.record(index.row()).row.of_place.value is None:
                return tr(
                    "Not compared: people come to stages and catering for other reasons than the place, and "
                    "a stand needs enough visitors who were followed."
                )
            return explain_loss(self.quality, OF_PLACE.key) or super().data(index, role)
        return super().data(index, role)


def describe_place(stand: RankedStand) -> str:
    """Return a stand's share of what is expected for its place; nothing where it is not compared."""
    of_place = stand.row.of_place
    return "" if of_place.value is None else format_share_interval(of_place)


def describe_change(stand: RankedStand) -> str:
    """Return the change against the period before, with an arrow where it is more than chance."""
    if stand.change is None:
        return ABSENT
    share = format_change(1.0 + stand.change)
    if not stand.is_change_proven:
        return share
    return f"{'▲' if stand.change > 0 else '▼'} {share}"


class TrendCells(QStyledItemDelegate):
    """Delegate that draws the values of ``TREND_ROLE`` as a small line."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return QSize(_TREND_PX, super().sizeHint(option, index).height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        values = index.data(TREND_ROLE) or ()
        pieces: list[list[tuple[float, float]]] = [[]]
        for number, value in enumerate(values):
            if value is None:
                pieces.append([])
            else:
                pieces[-1].append((float(number), float(value)))
        painter.save()
        draw_spark_line(
            painter,
            QRectF(option.rect).adjusted(8, 4, -8, -4),
            tuple(tuple(piece) for piece in pieces if piece),
            from_s=0.0,
            to_s=float(max(1, len(values) - 1)),
        )
        painter.restore()
