"""Stands on the plan in the colours of how their rents compare with fair ones."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.gui.table_models.cell_text import ABSENT
from app.gui.table_models.exhibition_words import format_money, name_price
from app.gui.theme import Theme, current_theme
from app.gui.translation import tr
from app.gui.units import current_units
from app.gui.widgets.chart_legend import ChartLegend, LegendEntry
from app.gui.widgets.floor_plan_canvas import FloorPlanCanvas, PlanLayer
from app.operations.exhibition_figures import ExhibitionFigures, Price, Worth


class PriceMap(QWidget):
    """The fair price per area is written on every stand."""

    zone_clicked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas, self._legend = FloorPlanCanvas(), ChartLegend(self)
        for layer in (PlanLayer.CAMERAS, PlanLayer.HEAT, PlanLayer.UNOBSERVED, PlanLayer.PEOPLE):
            self.canvas.show_layer(layer, False)
        self._figures: ExhibitionFigures | None = None
        self._worth = Worth.EXPOSED
        self.canvas.zone_clicked.connect(self.zone_clicked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.canvas, 1)
        column.addWidget(self._legend)
        self.retranslate()

    def show_prices(self, figures: ExhibitionFigures | None, worth: Worth, *, selected: str | None) -> None:
        """Show the fair prices of a period."""
        if figures is not self._figures:
            self.canvas.show_scene(None if figures is None else figures.scene)
        self._figures, self._worth = figures, worth
        self.canvas.show_selected(selected)
        self._show_notes()

    def retranslate(self) -> None:
        """Take the window's language, units and colours."""
        self.canvas.setAccessibleName(tr("Plan of fair prices"))
        self.canvas.setAccessibleDescription(
            tr("The fair price per area of every stand, and whether its rent is above or below")
        )
        colours = _find_colours(current_theme())
        # stands that cannot be told look alike, whatever the reason
        self._legend.show_entries(
            [LegendEntry(name_price(price), colours[price]) for price in Price if price is not Price.UNSEEN]
        )
        self._show_notes()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802, D102
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.retranslate()

    def _show_notes(self) -> None:
        if self._figures is None:
            return
        colours, fills, notes = _find_colours(current_theme()), {}, {}
        for stand in self._figures.stands:
            price = stand.prices.get(self._worth)
            value = None if price is None else price.fair_price_m2.value
            fills[stand.zone] = colours[Price.UNKNOWN if price is None else price.verdict]
            notes[stand.zone] = ABSENT if value is None else format_money(value * current_units().per_m2, "")
        self.canvas.show_notes(fills, notes)


def _find_colours(theme: Theme) -> dict[Price, str]:
    return {
        Price.DEAR: theme.more,
        Price.CHEAP: theme.less,
        Price.FAIR: theme.text_muted,
        Price.UNKNOWN: theme.border,
        Price.UNSEEN: theme.border,
    }
