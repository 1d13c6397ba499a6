"""The dwell page's answer to what visits were worth: the funnel, its figures, and every zone in a table."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from analytics.domain.zone_targets import LONGEST_S
from app.gui.table_models.engagement_table import EngagementRow, EngagementTable
from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.dwell_dashboard import DwellState
from app.gui.viewmodels.engagement_words import describe_engagement, describe_funnel
from app.gui.viewmodels.needed_times import NeededTimesViewModel
from app.gui.widgets.chart_legend import ChartLegend, LegendEntry, SwatchKind
from app.gui.widgets.figure_list import FigureList
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.record_list import RecordList
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.tier_funnel import TierFunnel

_MOST_ZONES_UNSCROLLED = 20


class DwellEngagementView(QWidget):
    """Shows a `DwellState`; the time that a zone needs is edited here."""

    tier_chosen = Signal(str)

    def __init__(self, needed_times: NeededTimesViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._needed_times = needed_times
        self._state = DwellState()
        self._shown_view: object = None
        self.funnel = TierFunnel(self)
        self.funnel.tier_chosen.connect(self.tier_chosen)
        self.figures = FigureList(self)
        self.table_model = EngagementTable(self)
        self.zone_list = RecordList(self.table_model, table_name="", parent=self)
        self._legend = ChartLegend(self)
        self._titles = {name: QLabel(self) for name in ("funnel", "figures", "zones")}
        for label in self._titles.values():
            label.setProperty("role", "title")
        self._note, self.fault, self._needed_label = QLabel(self), QLabel(self), QLabel(self)
        for label, role in ((self._note, "small"), (self.fault, "bad")):
            label.setProperty("role", role)
            label.setWordWrap(True)
        self.needed = NumberField(least=0.0, most=LONGEST_S, decimals=0, unit="s", parent=self)
        self.needed.editingFinished.connect(self._on_needed_edited)
        self.undo, self.redo = QPushButton(self), QPushButton(self)
        self.undo.clicked.connect(needed_times.undo)
        self.redo.clicked.connect(needed_times.redo)
        needed_times.state_changed.connect(self._show_needed)
        self._needed_row = QWidget(self)
        self._arrange()
        self.retranslate()

    def show_state(self, state: DwellState) -> None:
        """Show the figures of a state."""
        before, self._state = self._state, state
        if state.view is not self._shown_view or state.needed_s != before.needed_s:
            self._shown_view = state.view
            self._show_figures()
        self._show_needed()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._titles["figures"].setText(tr("What the visits were worth"))
        self._titles["funnel"].setText(tr("From coming near to staying long"))
        self._titles["zones"].setText(tr("Zones"))
        self.funnel.setAccessibleName(tr("Tiers of engagement; arrow keys choose one, Enter lists it"))
        self.zone_list.set_table_name(tr("Engagement by zone"))
        self._note.setText(tr("Dwell is not interest: somebody who waits or rests stays, too."))
        self._needed_label.setText(tr("Time that the zone needs"))
        self.needed.setAccessibleName(tr("Time that the zone needs"))
        self.needed.setToolTip(tr("Seconds that a visitor needs to see or do what there is"))
        self.needed.setSpecialValueText(tr("not set"))
        self._show_figures()
        self._show_legend()
        self._show_needed()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language and the theme."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() is QEvent.Type.PaletteChange and hasattr(self, "_needed_row"):
            self._show_legend()
        super().changeEvent(event)

    def _arrange(self) -> None:
        theme = current_theme()
        row = QHBoxLayout(self._needed_row)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self._needed_label, self.needed, self.undo, self.redo):
            row.addWidget(widget)
        row.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(theme.space_m)
        top.addWidget(self._make_card("funnel", self._legend, self.funnel, self._note), 3)
        top.addWidget(self._make_card("figures", self.figures, self._needed_row, self.fault), 2)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, theme.space_s, 0)
        column.setSpacing(theme.space_m)
        column.addLayout(top)
        column.addWidget(self._make_card("zones", self.zone_list), 1)
        scroll_content(self, content)

    def _make_card(self, title: str, *contents: QWidget) -> QFrame:
        theme = current_theme()
        card = QFrame(self)
        card.setProperty("role", "card")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(theme.space_m, theme.space_m, theme.space_m, theme.space_m)
        layout.setSpacing(theme.space_s)
        layout.addWidget(self._titles[title])
        for content in contents:
            layout.addWidget(content, 1 if content is self.zone_list else 0)
        if self.zone_list not in contents:
            layout.addStretch(1)
            card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        return card

    def _show_figures(self) -> None:
        view = self._state.view
        self.funnel.show_bars(describe_funnel(self._state))
        rows = describe_engagement(self._state)
        self.figures.show_figures(
            tuple((row.name, row.value) for row in rows), tuple(row.definition for row in rows)
        )
        self.table_model.show(
            ()
            if view is None
            else tuple(
                EngagementRow(
                    zone.name,
                    zone.colour,
                    view.details[zone.name].engagement,
                    self._state.needed_s.get(zone.name),
                )
                for zone in view.zones
            )
        )
        self.zone_list.show_all_rows(_MOST_ZONES_UNSCROLLED)

    def _show_needed(self) -> None:
        zone = self._state.zone
        self._needed_row.setVisible(zone is not None)
        with QSignalBlocker(self.needed):
            self.needed.setValue(self._state.needed_s.get(zone or "", 0.0))
        for button, text, short in (
            (self.undo, self._needed_times.undo_text, tr("Undo")),
            (self.redo, self._needed_times.redo_text, tr("Redo")),
        ):
            button.setText(short)
            button.setVisible(bool(text))
            button.setToolTip(text)
            button.setAccessibleName(text or short)
        self.fault.setText(self._needed_times.fault)
        self.fault.setVisible(bool(self._needed_times.fault))

    def _show_legend(self) -> None:
        theme = current_theme()
        self._legend.show_entries(
            (
                LegendEntry(tr("reached it, or more"), theme.accent),
                LegendEntry(tr("cut before it could be told"), theme.accent, SwatchKind.HATCHED),
            )
        )

    def _on_needed_edited(self) -> None:
        zone = self._state.zone
        if zone is None:
            return
        typed = self.needed.value() or None
        if typed != self._state.needed_s.get(zone):
            self._needed_times.set_needed(zone, typed)
