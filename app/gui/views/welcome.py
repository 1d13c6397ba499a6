"""The page while no venue is open: what can be done first."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.theme import current_theme
from app.gui.translation import display_name, tr
from app.gui.viewmodels.welcome import RecentVenue, WelcomeViewModel
from app.gui.views.create_venue_dialog import CreateVenueDialog
from app.gui.widgets.icons import draw_icon, make_icon


class WelcomeView(QWidget):
    """Demonstration, open, create, and the venues that were open lately."""

    def __init__(self, viewmodel: WelcomeViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._picture = QLabel(self)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = QLabel(self)
        self._title.setProperty("role", "figure")
        self._text = QLabel(self)
        self._text.setProperty("role", "muted")
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
        self._demonstration = QPushButton(self)
        self._demonstration.setProperty("role", "primary")
        self._demonstration.clicked.connect(viewmodel.open_demonstration)
        self._open = QPushButton(self)
        self._open.clicked.connect(self.ask_for_venue)
        self._create = QPushButton(self)
        self._create.clicked.connect(self._on_create_clicked)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addStretch(1)
        for button in (self._demonstration, self._open, self._create):
            button.setIconSize(QSize(18, 18))
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._recent_title = QLabel(self)
        self._recent_title.setProperty("role", "title")
        self._recent_list = QVBoxLayout()
        self._recent_list.setSpacing(4)
        self._recent = QFrame(self)
        self._recent.setProperty("role", "card")
        recent = QVBoxLayout(self._recent)
        recent.setContentsMargins(18, 14, 18, 14)
        recent.addWidget(self._recent_title)
        recent.addLayout(self._recent_list)
        self._recent.setMaximumWidth(720)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self._recent, 6)
        middle.addStretch(1)
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(14)
        column.addStretch(2)
        column.addWidget(self._picture)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addSpacing(6)
        column.addLayout(buttons)
        column.addSpacing(18)
        column.addLayout(middle)
        column.addStretch(3)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        content.setAutoFillBackground(False)
        scroll.viewport().setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        viewmodel.state_changed.connect(self._show_state)
        self.retranslate()
        self._draw_icons()
        self._show_state()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._title.setText(tr("See how visitors use your hall"))
        self._text.setText(
            tr(
                "ExpoFlow counts people at your cameras and shows where they go and how long they stay. "
                "It never stores a picture of anybody."
            )
        )
        for button, text in (
            (self._demonstration, tr("Open the demonstration")),
            (self._open, tr("Open a venue")),
            (self._create, tr("Create a venue")),
        ):
            button.setText(text)
            button.setAccessibleName(text)
        self._recent_title.setText(tr("Recent venues"))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language and the theme."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
            self._show_state()
        elif event.type() is QEvent.Type.PaletteChange:
            self._draw_icons()
        super().changeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Find out what the recent venues are called."""
        super().showEvent(event)
        self._viewmodel.read_names()

    def ask_for_venue(self) -> None:
        """Let a folder be chosen, and open it."""
        state = self._viewmodel.state
        start = state.recent_venues[0].folder.parent if state.recent_venues else Path.home()
        folder = QFileDialog.getExistingDirectory(self, tr("Choose a venue's folder"), str(start))
        if folder:
            self._viewmodel.open_venue(Path(folder))

    def _on_create_clicked(self) -> None:
        dialog = CreateVenueDialog(Path.home(), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(partial(self._on_dialog_finished, dialog))
        dialog.open()

    def _on_dialog_finished(self, dialog: CreateVenueDialog, result: int) -> None:
        if result == QDialog.DialogCode.Accepted:
            new = dialog.new_venue
            self._viewmodel.create_venue(
                new.folder, name=new.name, time_zone=new.time_zone, size_m=new.size_m
            )

    def _show_state(self) -> None:
        state = self._viewmodel.state
        self._demonstration.setVisible(state.has_demonstration)
        self._recent.setVisible(bool(state.recent_venues))
        while (item := self._recent_list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for venue in state.recent_venues:
            button = self._make_recent_button(venue)
            self._recent_list.addWidget(button)
            button.show()

    def _make_recent_button(self, venue: RecentVenue) -> QToolButton:
        name = display_name(venue.name, is_demonstration=venue.is_demonstration)
        button = QToolButton(self._recent)
        button.setProperty("role", "navigation")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIcon(make_icon("open"))
        button.setIconSize(QSize(18, 18))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setText(name)
        button.setToolTip(str(venue.folder))
        button.setAccessibleName(tr("Open {name}", name=name))
        button.clicked.connect(partial(self._viewmodel.open_venue, venue.folder))
        return button

    def _draw_icons(self) -> None:
        theme = current_theme()
        ratio = self.devicePixelRatioF()
        pixmap = draw_icon("brand", theme.accent, round(72 * ratio))
        pixmap.setDevicePixelRatio(ratio)
        self._picture.setPixmap(pixmap)
        self._demonstration.setIcon(make_icon("play", theme.accent_text))
        self._open.setIcon(make_icon("open"))
        self._create.setIcon(make_icon("add"))
