"""The line of controls above a wall of tiles: how many, which, and what is drawn over them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from app.access.roles import Permission
from app.gui.session.permissions import needs
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr, trn

_LEAST_BUTTON_PX = 36


class WallTools(QWidget):
    """Says what a person asks for, and shows what is told to it; decides nothing."""

    size_chosen = Signal(int)
    page_turned = Signal(int)
    """By how many pages."""
    shrink_requested = Signal()
    camera_requested = Signal()
    boxes_toggled = Signal(bool)
    zones_toggled = Signal(bool)
    blur_toggled = Signal(bool)

    def __init__(self, sizes: tuple[int, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sizes = QButtonGroup(self)
        self._previous, self._next = self._make_button("‹"), self._make_button("›")
        self._page, self._summary = QLabel(self), QLabel(self)
        self._summary.setProperty("role", "pill")
        self._back, self._add = QPushButton(self), QPushButton(self)
        self._boxes, self._zones, self._blur = QCheckBox(self), QCheckBox(self), QCheckBox(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(current_theme().space_s)
        for size in sizes:
            button = self._make_button(str(size))
            button.setCheckable(True)
            button.setMinimumWidth(_LEAST_BUTTON_PX)
            self._sizes.addButton(button, size)
            row.addWidget(button)
        left: tuple[QWidget, ...] = (self._previous, self._page, self._next, self._back, self._add)
        right: tuple[QWidget, ...] = (self._summary, self._zones, self._boxes, self._blur)
        for widget in left:
            row.addWidget(widget)
        row.addStretch(1)
        for widget in right:
            row.addWidget(widget)
        self._sizes.idClicked.connect(self.size_chosen)
        self._previous.clicked.connect(lambda: self.page_turned.emit(-1))
        self._next.clicked.connect(lambda: self.page_turned.emit(1))
        self._back.clicked.connect(self.shrink_requested)
        self._add.clicked.connect(self.camera_requested)
        needs(self._add, Permission.EDIT_CAMERAS)
        self._boxes.toggled.connect(self.boxes_toggled)
        self._zones.toggled.connect(self.zones_toggled)
        self._blur.toggled.connect(self.blur_toggled)
        self.retranslate()

    def show_wall(self, *, size: int, page: int, pages: int, is_enlarged: bool) -> None:
        """Which part of the cameras the wall shows."""
        self._sizes.button(size).setChecked(True)
        for button in self._sizes.buttons():
            button.setVisible(not is_enlarged)
        pagers: tuple[QWidget, ...] = (self._previous, self._page, self._next)
        for widget in pagers:
            widget.setVisible(not is_enlarged and pages > 1)
        self._previous.setEnabled(page > 0)
        self._next.setEnabled(page + 1 < pages)
        self._page.setText(f"{page + 1} / {pages}")
        self._back.setVisible(is_enlarged)
        self._add.setVisible(not is_enlarged)

    def show_overlays(self, *, boxes: bool, zones: bool, blur: bool) -> None:
        """What is drawn over the pictures."""
        self._boxes.setChecked(boxes)
        self._zones.setChecked(zones)
        self._blur.setChecked(blur)

    def allow_blur_choice(self, is_allowed: bool) -> None:
        """Whether blurring may be switched off here, or the venue's settings decide."""
        if is_allowed != self._blur.isEnabled():
            self._blur.setEnabled(is_allowed)
            self._explain_blur()

    def show_summary(self, text: str, explanation: str) -> None:
        """A short text about all cameras; empty for none."""
        self._summary.setVisible(bool(text))
        self._summary.setText(text)
        self._summary.setToolTip(explanation)

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        for button in self._sizes.buttons():
            size = self._sizes.id(button)
            button.setToolTip(trn("{n} camera at once", "{n} cameras at once", size))
            button.setAccessibleName(button.toolTip())
        self._previous.setToolTip(tr("Previous cameras"))
        self._next.setToolTip(tr("Next cameras"))
        for step in (self._previous, self._next):
            step.setAccessibleName(step.toolTip())
        self._back.setText(tr("All cameras"))
        self._add.setText(tr("Add a camera"))
        self._boxes.setText(tr("Boxes and trails"))
        self._boxes.setToolTip(tr("Draw a box around everybody who is counted, and the last steps"))
        self._zones.setText(tr("Zones"))
        self._zones.setToolTip(tr("Draw zones and counting lines over the pictures"))
        self._blur.setText(tr("Blur faces"))
        self._explain_blur()
        for control in (self._back, self._add, self._boxes, self._zones, self._blur):
            control.setAccessibleName(control.text())

    def _explain_blur(self) -> None:
        self._blur.setToolTip(
            tr(
                "Make the heads of people who were found unrecognisable; "
                "for a moment that is not yet so for people who just came in"
            )
            if self._blur.isEnabled()
            else tr("This venue decides what is shown of visitors: Settings, Privacy")
        )

    def _make_button(self, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setProperty("role", "button")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button
