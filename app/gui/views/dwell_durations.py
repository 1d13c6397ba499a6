"""How long visitors stay: key figures, the distribution, the curve of who is still there, zone by zone."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.table_models.zone_table import ZoneTable
from app.gui.theme import current_theme
from app.gui.translation import display_name, tr
from app.gui.viewmodels.dwell_dashboard import DwellState
from app.gui.viewmodels.dwell_tiles import (
    describe_disagreement,
    describe_notes,
    describe_pooled_zones,
    describe_tiles,
)
from app.gui.viewmodels.engagement_words import describe_certainty
from app.gui.widgets.chart_legend import ChartLegend, LegendEntry, SwatchKind
from app.gui.widgets.dwell_chart import DwellChart
from app.gui.widgets.figure_list import FigureList
from app.gui.widgets.key_figure_tile import KeyFigureTile
from app.gui.widgets.record_list import RecordList
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.survival_chart import SurvivalChart, choose_colours
from app.gui.widgets.zone_interval_chart import ZoneIntervalChart
from app.operations.dwell_figures import MOST_CURVES, DwellView, ZoneFigures

_TILES = 5
_MOST_ZONES_UNSCROLLED = 20
_CHART_PX = 230


class DwellDurationsView(QWidget):
    """Shows a `DwellState`."""

    compared = Signal(object)
    """Names of the zones whose curves are drawn beside that of the selected one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = DwellState()
        self._shown_view: DwellView | None = None
        self._shown_zones: tuple[ZoneFigures, ...] = ()
        self.tiles = tuple(KeyFigureTile(self) for _ in range(_TILES))
        self.disagreement = QLabel(self)
        self.disagreement.setProperty("role", "warning")
        self.disagreement.setWordWrap(True)
        self._notes = QLabel(self)
        self._notes.setProperty("role", "small")
        self._notes.setWordWrap(True)
        self._notes.setTextFormat(Qt.TextFormat.PlainText)
        self.histogram, self.survival = DwellChart(self), SurvivalChart(self)
        for chart in (self.histogram, self.survival):
            chart.setMinimumHeight(_CHART_PX)
        self.boxes = ZoneIntervalChart(self)
        self.certainty = FigureList(self)
        self._legends = {name: ChartLegend(self) for name in ("histogram", "survival", "boxes")}
        self.compare = QToolButton(self)
        self.compare.setProperty("role", "button")
        self.compare.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.compare.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.compare.setMenu(QMenu(self.compare))
        self._compared: dict[str, QAction] = {}
        self.zone_model = ZoneTable(self)
        self.zone_list = RecordList(self.zone_model, table_name="", parent=self)
        self._titles = {
            name: QLabel(self) for name in ("histogram", "survival", "boxes", "certainty", "zones")
        }
        for label in self._titles.values():
            label.setProperty("role", "title")
        self._arrange()
        self.retranslate()

    def show_state(self, state: DwellState) -> None:
        """Show the figures of a state; charts of the same figures are left as they are."""
        before, self._state = self._state, state
        for tile, text in zip(self.tiles, describe_tiles(state), strict=True):
            tile.show_figure(
                title=text.title, value=text.value, detail=text.detail,
                change=text.change, tone=text.tone, explanation=text.explanation,
            )  # fmt: skip
        disagreement = describe_disagreement(state)
        self.disagreement.setText(disagreement)
        self.disagreement.setVisible(bool(disagreement))
        self._notes.setText("  ".join(describe_notes(state)))
        self._notes.setToolTip(describe_pooled_zones(state))
        self._show_certainty()
        if state.curves != before.curves:
            self.survival.show_curves(state.curves)
        if state.view is not self._shown_view:
            self._show_view(state.view)
        elif state.curves != before.curves:
            self._show_legends()
            self._fill_menu()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._titles["histogram"].setText(tr("Distribution of dwell times"))
        self._titles["survival"].setText(tr("How many stay longer"))
        self._titles["boxes"].setText(tr("Dwell times by zone"))
        self._titles["certainty"].setText(tr("How sure is this?"))
        self._titles["zones"].setText(tr("Zones"))
        self._titles["survival"].setToolTip(
            tr(
                "Estimated from all visits, cut ones too, without taking any of them for complete. At risk: "
                "visits whose start was seen and that were followed for so long. Bands: 95 %, as if visits "
                "came alone."
            )
        )
        self.compare.setText(tr("Compare"))
        self.compare.setAccessibleName(tr("Zones to compare"))
        self.compare.setToolTip(tr("Draw the curves of up to three zones"))
        self.zone_list.set_table_name(tr("Zones"))
        self.show_state(self._state)
        self._show_legends()
        self._fill_menu()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language and the theme."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() is QEvent.Type.PaletteChange and hasattr(self, "zone_list"):
            self._show_legends()
        super().changeEvent(event)

    def _arrange(self) -> None:
        theme = current_theme()
        tiles = QHBoxLayout()
        tiles.setSpacing(theme.space_m)
        for tile in self.tiles:
            tiles.addWidget(tile, 1)
        grid = QGridLayout()
        grid.setSpacing(theme.space_m)
        grid.addWidget(self._make_card("histogram", self.histogram), 0, 0)
        grid.addWidget(self._make_card("survival", self.survival, beside=self.compare), 0, 1)
        grid.addWidget(self._make_card("boxes", self.boxes), 1, 0)
        grid.addWidget(self._make_card("certainty", self.certainty), 1, 1)
        grid.addWidget(self._make_card("zones", self.zone_list), 2, 0, 1, 2)
        for side in range(2):
            grid.setColumnStretch(side, 1)
        for row, weight in enumerate((4, 3, 0)):
            grid.setRowStretch(row, weight)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, theme.space_s, 0)
        column.setSpacing(theme.space_m)
        column.addLayout(tiles)
        column.addWidget(self.disagreement)
        column.addWidget(self._notes)
        column.addLayout(grid, 1)
        scroll_content(self, content)

    def _make_card(self, name: str, content: QWidget, *, beside: QWidget | None = None) -> QFrame:
        theme = current_theme()
        card = QFrame(self)
        card.setProperty("role", "card")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(theme.space_m, theme.space_m, theme.space_m, theme.space_m)
        layout.setSpacing(theme.space_s)
        head = QHBoxLayout()
        head.addWidget(self._titles[name], 1)
        if beside is not None:
            head.addWidget(beside)
        layout.addLayout(head)
        if name in self._legends:
            layout.addWidget(self._legends[name])
        layout.addWidget(content, 0 if content is self.certainty else 1)
        if content is self.certainty:
            layout.addStretch(1)
        return card

    def _show_view(self, view: DwellView | None) -> None:
        self._shown_view = view
        self.histogram.show_bars(
            () if view is None else view.histogram,
            median_s=None if view is None else view.figures.median_dwell_s,
        )
        zones = () if view is None else view.zones
        # they stay when another of them is selected
        if [id(zone) for zone in zones] != [id(zone) for zone in self._shown_zones]:
            self._shown_zones = zones
            self.boxes.show_zones(zones)
            self.zone_model.show(zones)
            self.zone_list.show_all_rows(_MOST_ZONES_UNSCROLLED)
        self._show_legends()
        self._fill_menu()

    def _show_certainty(self) -> None:
        rows = describe_certainty(self._state)
        self.certainty.show_figures(
            tuple((row.name, row.value) for row in rows), tuple(row.definition for row in rows)
        )

    def _fill_menu(self) -> None:
        """The zones, in a menu that stays open to who chooses from it: its entries are kept as they are."""
        menu, state = self.compare.menu(), self._state
        if tuple(self._compared) != state.zone_names:
            menu.clear()
            self._compared = {name: self._add_zone(menu, name) for name in state.zone_names}
        drawn = {entry.name for entry in state.curves}
        for name, action in self._compared.items():
            action.setText(display_name(name))
            action.setChecked(name in drawn)
            action.setEnabled(name != state.zone and (name in drawn or len(drawn) < MOST_CURVES))

    def _add_zone(self, menu: QMenu, name: str) -> QAction:
        action = menu.addAction(name)
        action.setCheckable(True)
        action.triggered.connect(lambda is_on: self._on_compared(name, is_on))
        return action

    def _on_compared(self, name: str, is_on: bool) -> None:
        names = [entry.name for entry in self._state.curves if entry.name != name]
        if is_on:
            names.append(name)
        self.compared.emit(tuple(other for other in names if other != self._state.zone))

    def _show_legends(self) -> None:
        theme, curves = current_theme(), self._state.curves
        self._legends["histogram"].show_entries(
            (
                LegendEntry(tr("complete visits"), theme.accent),
                LegendEntry(tr("cut: start or end not seen"), theme.accent, SwatchKind.HATCHED),
                LegendEntry(tr("median"), theme.warning, SwatchKind.DASHED),
            )
        )
        self._legends["boxes"].show_entries(
            (
                LegendEntry(tr("middle half, with the median"), theme.text_muted),
                LegendEntry(tr("10 to 90 %"), theme.text_muted, SwatchKind.LINE),
                LegendEntry(tr("mean with its 95 % interval"), theme.text, SwatchKind.DIAMOND),
            )
        )
        self._legends["survival"].show_entries(
            (
                *(
                    LegendEntry(display_name(entry.name), colour, SwatchKind.LINE)
                    for entry, colour in zip(curves, choose_colours(curves, theme), strict=True)
                ),
                LegendEntry(tr("median (round), 90 % (square)"), theme.text_muted, SwatchKind.SOLID),
            )
        )
