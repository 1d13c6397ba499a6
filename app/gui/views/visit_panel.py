"""The list of visits: all of them, or those behind a bar, an hour, a tier or a zone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.gui.table_models.cell_text import format_number
from app.gui.table_models.visit_table import ZONE_COLUMN, VisitTable
from app.gui.theme import current_theme
from app.gui.translation import tr, trn
from app.gui.widgets.record_list import RecordList
from app.operations.listed_visits import FoundVisits


class VisitPanel(QFrame):
    """Empty until `show_visits`."""

    back_requested = Signal()
    """To where these visits were asked for."""
    all_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._describe: Callable[[], str] = str
        self._is_searching = False
        self._found = FoundVisits((), 0)
        self.model = VisitTable(self)
        self.list = RecordList(self.model, table_name="", parent=self)
        self._title = QLabel(self)
        self._title.setProperty("role", "title")
        self._title.setWordWrap(True)
        self._explanation = QLabel(self)
        self._explanation.setProperty("role", "small")
        self._explanation.setWordWrap(True)
        self.back, self.all = QPushButton(self), QPushButton(self)
        self.back.clicked.connect(self.back_requested)
        self.all.clicked.connect(self.all_requested)
        # only while the panel has the focus: the window's banner listens for the same key
        from_keyboard = QShortcut(QKeySequence("Esc"), self)
        from_keyboard.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        from_keyboard.activated.connect(self._on_escape)
        from_keyboard.activatedAmbiguously.connect(self._on_escape)
        head = QHBoxLayout()
        head.addWidget(self.back)
        head.addWidget(self._title, 1)
        head.addWidget(self.all)
        theme = current_theme()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.space_m, theme.space_m, theme.space_m, theme.space_m)
        layout.addLayout(head)
        layout.addWidget(self._explanation)
        layout.addWidget(self.list, 1)
        self.retranslate()

    @property
    def title(self) -> str:
        """Which visits are listed."""
        return self._title.text()

    def ask(self, describe: Callable[[], str], *, is_part: bool) -> None:
        """Say which visits are being looked for.

        Args:
            describe: what they have in common, in the language in force.
            is_part: of all there are: there is a way back, and one to all.
        """
        self._describe, self._is_searching = describe, True
        self.back.setVisible(is_part)
        self.all.setVisible(is_part)
        self._say_title()

    def show_visits(self, found: FoundVisits, *, time_zone: str) -> None:
        """List what was found."""
        self._found, self._is_searching = found, False
        self.model.set_time_zone(time_zone)
        # a hidden one would not be measured
        self.list.table.setColumnHidden(ZONE_COLUMN, False)
        self.model.show(found.visits)
        self.list.table.setColumnHidden(ZONE_COLUMN, len({record.zone for record in found.visits}) == 1)
        self.list.spread_columns()
        self._say_title()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._explanation.setText(
            tr(
                "A visit whose start or end was not seen lasted at least as long as it says. Visitors are "
                "stitched estimates; key figures join stays that broke, so that a list may have more rows."
            )
        )
        self.back.setText(tr("Back"))
        self.back.setAccessibleName(tr("Back to where these visits were chosen"))
        self.all.setText(tr("All visits"))
        self.all.setAccessibleName(tr("List all visits"))
        self.list.set_table_name(tr("Visits"))
        self._say_title()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _on_escape(self) -> None:
        if not self.back.isHidden():
            self.back_requested.emit()

    def _say_title(self) -> None:
        what, total = self._describe(), self._found.total
        if self._is_searching:
            self._title.setText(tr("Listing visits: {what}", what=what))
            return
        words = trn(
            "{count} visit: {what}", "{count} visits: {what}", total, count=format_number(total), what=what
        )
        listed = len(self._found.visits)
        if total > listed:
            words = tr("{visits}; the first {most} are listed", visits=words, most=format_number(listed))
        self._title.setText(words)
