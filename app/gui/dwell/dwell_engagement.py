"""Visitor engagement: the funnel, its figures, and every zone in a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from analytics.dwell.engagement_tier import Tier
from analytics.results.data_sets import MIN_VISITORS
from analytics.results.zone_figures import VISITS
from app.dwell.dwell_figures import ZoneDwell, find_holding_power
from app.gui.charts.chart_legend import ChartLegend, LegendEntry, SwatchKind
from app.gui.charts.funnel_chart import FunnelChart
from app.gui.dwell.engagement_text import describe_engagement, describe_funnel
from app.gui.dwell.model import DwellState
from app.gui.session.cell_text import format_number, format_seconds, format_share
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr, translate_phrase
from app.gui.session.units import current_units
from app.gui.tables.record_list import RecordList
from app.gui.tables.record_table import RecordTable, TableColumn, make_name_column
from app.gui.widgets.figure_list import FigureList
from app.gui.widgets.layouts import fill, make_card, make_label
from app.gui.widgets.scrolled_content import scroll_content


class EngagementTable(RecordTable[ZoneDwell]):
    """Engagement by zone; the name carries the zone's colour."""

    needed_s: Mapping[str, float] = {}
    """Time that a visitor needs for a zone, where entered."""

    def find_zone(self, record: ZoneDwell) -> str | None:
        return record.name

    def make_columns(self) -> Sequence[TableColumn[ZoneDwell]]:
        per_area = current_units().area_symbol
        return (
            make_name_column(tr("Zone"), lambda row: row.name),
            TableColumn(
                tr("Visits"),
                lambda row: format_number(row.engagement.visits),
                lambda row: row.engagement.visits,
                lambda row: _hide_few(row.engagement.visits),
                meaning=translate_phrase(VISITS.definition),
            ),
            _share(
                tr("Capture rate"),
                lambda row: row.engagement.capture_rate.value,
                tr("Visits divided by visits plus pass-bys."),
            ),
            _share(
                tr("Attraction"),
                lambda row: row.engagement.attraction_power.value,
                tr("Visitors who stop, divided by visitors near."),
            ),
            _share(
                tr("Engaged share"),
                lambda row: row.engagement.find_share(Tier.ENGAGED),
                tr("Share of the visits with a longer stop; its length is at the funnel."),
            ),
            _share(
                tr("Long share"),
                lambda row: row.engagement.find_share(Tier.LONG),
                tr("Share of the visits with a long stop; its length is at the funnel."),
            ),
            _share(
                tr("Bounce"),
                lambda row: row.engagement.bounce,
                tr("Share of very short visits."),
            ),
            _number(
                tr("Median stop"),
                lambda row: row.engagement.median_stop_s,
                format_seconds,
                tr("Median stop (s)"),
                meaning=tr("Median length of stops in the zone: slower than 0.3 m/s for at least 3 s."),
            ),
            _number(
                tr("Holding power"),
                lambda row: find_holding_power(row.engagement.median_stop_s, self.needed_s.get(row.name)),
                lambda value: format_number(value, decimals=2),
                meaning=tr("Median stop, divided by the time needed for the zone."),
                is_expert=True,
            ),
            _share(
                tr("Penetration"),
                lambda row: row.engagement.penetration.value,
                tr("Visitors of the zone, divided by all visitors of the exhibition."),
            ),
            _number(
                tr("Load (s/{area}·h)", area=per_area),
                lambda row: row.engagement.stand_load,
                lambda value: format_number(None if value is None else value * current_units().per_m2),
                tr("Stand load (person-s per m² and h)"),
                meaning=tr("Time that people spend in the zone per area and observed hour."),
                is_expert=True,
            ),
        )

    def find_colour(self, row: ZoneDwell) -> int:
        return row.colour


def _hide_few(visits: int) -> str:
    return str(visits) if visits >= MIN_VISITORS else f"<{MIN_VISITORS}"


Value = Callable[[ZoneDwell], float | None]


def _share(title: str, value: Value, meaning: str) -> TableColumn[ZoneDwell]:
    return _number(title, value, format_share, tr("{title} (share)", title=title), meaning=meaning)


def _number(
    title: str,
    value: Value,
    show: Callable[[float | None], str],
    exported_title: str = "",
    *,
    meaning: str,
    is_expert: bool = False,
) -> TableColumn[ZoneDwell]:
    def export(row: ZoneDwell) -> str:
        known = value(row)
        return "" if known is None or row.engagement.visits < MIN_VISITORS else f"{known:.4g}"

    return TableColumn(
        title,
        lambda row: show(value(row)),
        value,
        export,
        exported_title,
        meaning=meaning,
        is_expert=is_expert,
    )


_MAX_ZONES_UNSCROLLED = 20


class DwellEngagementView(Translated, QWidget):
    """Tab of engagement; renders a `DwellState`."""

    tier_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = DwellState()
        self._shown: ZoneDwell | None = None
        self.funnel = FunnelChart(self)
        self.funnel.bar_chosen.connect(self.tier_chosen)
        self.figures = FigureList(self)
        self.table_model = EngagementTable(self)
        self.zone_list = RecordList(self.table_model, table_name="", parent=self)
        self._legend = ChartLegend(self)
        self._titles = {name: QLabel(self) for name in ("funnel", "figures", "zones")}
        for label in self._titles.values():
            label.setProperty("role", "title")
        self._note = make_label("small", wraps=True, parent=self)
        self._arrange()
        self.retranslate()

    def show_state(self, state: DwellState) -> None:
        before, self._state = self._state, state
        if state.shown is not self._shown or state.needed_s != before.needed_s:
            self._shown = state.shown
            self._show_figures()

    def retranslate(self) -> None:
        self._titles["figures"].setText(tr("Quality of visits"))
        self._titles["funnel"].setText(tr("From passing by to a long stay"))
        self._titles["zones"].setText(tr("Zones"))
        self.funnel.setAccessibleName(
            tr("Engagement tiers; choose one with the arrow keys, list its visits with Enter")
        )
        self.zone_list.set_table_name(tr("Engagement by zone"))
        self._note.setText(tr("Dwell time is not interest: people who wait or rest stay as well."))
        self._show_figures()
        self._show_legend()

    def _recolour(self) -> None:
        if hasattr(self, "_note"):
            self._show_legend()

    def _arrange(self) -> None:
        theme = current_theme()
        top = fill(
            QHBoxLayout(),
            (self._make_card("funnel", self._legend, self.funnel, self._note), 3),
            (self._make_card("figures", self.figures), 2),
            spacing=theme.space_m,
        )
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, theme.space_s, 0)
        column.setSpacing(theme.space_m)
        column.addLayout(top)
        column.addWidget(self._make_card("zones", self.zone_list), 1)
        scroll_content(self, content)

    def _make_card(self, title: str, *contents: QWidget) -> QFrame:
        theme, is_high = current_theme(), self.zone_list in contents
        card = make_card(
            self._titles[title],
            *((content, 1) if content is self.zone_list else content for content in contents),
            *(() if is_high else (1,)),
            parent=self,
            spacing=theme.space_s,
            margins=theme.space_m,
        )
        if not is_high:
            card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        return card

    def _show_figures(self) -> None:
        self.funnel.show_bars(describe_funnel(self._state))
        rows = describe_engagement(self._state)
        self.figures.show_figures(
            tuple((row.name, row.value) for row in rows), tuple(row.definition for row in rows)
        )
        self.table_model.needed_s = self._state.needed_s
        self.table_model.show(() if self._state.shown is None else self._state.listed)
        self.zone_list.fit_height_to_rows(_MAX_ZONES_UNSCROLLED)

    def _show_legend(self) -> None:
        theme = current_theme()
        self._legend.show_entries(
            (
                LegendEntry(tr("reached this tier or a higher one"), theme.accent),
                LegendEntry(tr("interrupted before the tier was decided"), theme.accent, SwatchKind.HATCHED),
            )
        )
