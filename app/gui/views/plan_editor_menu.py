"""What is done with many zones at once: a grid, names, and templates."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QMenu, QToolButton, QWidget

from app.gui.translation import tr
from app.gui.viewmodels.plan_editor_parts import PlanEditorParts
from app.gui.views.plan_editor_grid import StandGridDialog
from app.gui.views.plan_editor_names import PasteNamesDialog


class PlanEditorMenu(QToolButton):
    """A button with a menu; the keyboard opens it with Space."""

    template_chosen = Signal(str)
    """A template is to be placed."""

    def __init__(self, parts: PlanEditorParts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts = parts
        self.setProperty("role", "button")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # Fusion's arrow hangs in the corner of a button with a border; the text says that more follows
        self.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self.grid, self.names, self.keep = (QAction(self) for _ in range(3))
        self._menu.addActions([self.grid, self.names])
        self._menu.addSeparator()
        self._menu.addAction(self.keep)
        self.place, self.forget = QMenu(self), QMenu(self)
        self._menu.addMenu(self.place)
        self._menu.addMenu(self.forget)
        self.grid.triggered.connect(lambda: StandGridDialog(parts.stands, self.window()).open())
        self.names.triggered.connect(lambda: PasteNamesDialog(parts.stands, self.window()).open())
        self.keep.triggered.connect(self._on_keep_triggered)
        parts.templates.names_changed.connect(self._fill)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the window's language."""
        self.setText(tr("Many zones…"))
        self.setAccessibleName(tr("Grid of stands, names, templates"))
        self.setToolTip(self.accessibleName())
        self.grid.setText(tr("Make a numbered grid of stands…"))
        self.names.setText(tr("Give zones names out of a spreadsheet…"))
        self.keep.setText(tr("Keep what is chosen, or all, as a template…"))
        self.place.setTitle(tr("Place a template"))
        self.forget.setTitle(tr("Forget a template"))
        self._fill()

    def _fill(self) -> None:
        names = self._parts.templates.names
        acts: tuple[tuple[QMenu, Callable[[str], object]], ...] = (
            (self.place, self.template_chosen.emit),
            (self.forget, self._parts.templates.forget),
        )
        for menu, act in acts:
            menu.clear()
            menu.setEnabled(bool(names))
            for name in names:
                # an ampersand would be taken for the mark of a key
                menu.addAction(name.replace("&", "&&")).triggered.connect(partial(act, name))

    def _on_keep_triggered(self) -> None:
        name, is_given = QInputDialog.getText(self, tr("Keep a template"), tr("Name of the template"))
        if is_given:
            self._parts.templates.keep(name)
