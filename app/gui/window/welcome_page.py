"""The page shown while no venue is open."""

from __future__ import annotations

import itertools
import re
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimeZone, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)

from analytics.domain.errors import ExpoFlowError
from app.core.document import DEFAULT_HALL_M, FOLDER_SUFFIX
from app.error_reporting import describe_error
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, display_name, join_sentences, tr
from app.gui.session.units import current_units
from app.gui.settings.show_days import ShowDaysFields
from app.gui.widgets.forms import name_control
from app.gui.widgets.icons import make_icon, show_icon
from app.gui.widgets.layouts import fill, make_column, make_label, make_row, open_dialog
from app.gui.widgets.number_field import NumberField
from app.gui.window.shell import NewVenue
from app.gui.window.welcome_model import RecentVenue, WelcomeViewModel
from app.plan.opening_hours import make_hours

_NOT_IN_A_NAME = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
_LENGTHS_M = (1.0, 2000.0)


class CreateVenueDialog(QDialog):
    """Dialog for a new venue; ``new_venue`` is valid once it was accepted."""

    def __init__(self, place: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Create a venue"))
        self._units = current_units()
        self._name = QLineEdit(self)
        self._name.setAccessibleName(tr("Name of the exhibition"))
        self._name.textChanged.connect(self._on_name_changed)
        self._place = QLineEdit(str(place), self)
        self._place.setAccessibleName(tr("Folder"))
        browse = QPushButton(tr("Choose"), self)
        browse.setAccessibleName(tr("Choose a folder"))
        browse.clicked.connect(self._on_browse_clicked)
        place_row = fill(QHBoxLayout(), (self._place, 1), browse)
        self._zone = QComboBox(self)
        self._zone.setAccessibleName(tr("Time zone"))
        self._zone.setEditable(True)
        zones = sorted(bytes(zone.data()).decode() for zone in QTimeZone.availableTimeZoneIds())
        self._zone.addItems([zone for zone in zones if "/" in zone and not zone.startswith("Etc/")])
        self._zone.setCurrentText(bytes(QTimeZone.systemTimeZoneId().data()).decode() or "UTC")
        self._width = self._make_length_field(tr("Width of the hall"), DEFAULT_HALL_M[0])
        self._depth = self._make_length_field(tr("Depth of the hall"), DEFAULT_HALL_M[1])
        form = QFormLayout()
        form.addRow(tr("Name of the exhibition"), self._name)
        form.addRow(tr("Folder"), place_row)
        form.addRow(tr("Time zone"), self._zone)
        form.addRow(tr("Width of the hall"), self._width)
        form.addRow(tr("Depth of the hall"), self._depth)
        self._knows_days = QCheckBox(self)
        name_control(self._knows_days, tr("The show days are known"))
        self._knows_days.setToolTip(tr("They can be set and changed later in the settings."))
        self._days = ShowDaysFields(self)
        self._days.setEnabled(False)
        self._knows_days.toggled.connect(self._days.setEnabled)
        self._failure = make_label(role="bad", wraps=True, parent=self)
        self._failure.hide()
        self._buttons = QDialogButtonBox(self)
        # buttons created by the box would be styled before they have a role
        self._create = QPushButton(tr("Create"), self)
        self._create.setProperty("role", "primary")
        self._create.setAccessibleName(tr("Create"))
        self._buttons.addButton(self._create, QDialogButtonBox.ButtonRole.AcceptRole)
        cancel = self._buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        cancel.setAccessibleName(tr("Cancel"))
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        column = fill(make_column(self, spacing=16), form)
        for part in (self._knows_days, self._days, self._failure, self._buttons):
            column.addWidget(part)
        self.setMinimumWidth(520)
        self._name.setText(_find_free_name(place))
        self._name.selectAll()

    @property
    def new_venue(self) -> NewVenue:
        name = self._name.text().strip()
        folder = Path(self._place.text()).expanduser() / (_NOT_IN_A_NAME.sub(" ", name) + FOLDER_SUFFIX)
        width_m, depth_m = (self._units.to_metres(box.value()) for box in (self._width, self._depth))
        days = self._days.list_days() if self._knows_days.isChecked() else ()
        hours = make_hours(days, (self._days.times,))
        return NewVenue(folder, name, self._zone.currentText().strip(), (width_m, depth_m), hours)

    def accept(self) -> None:
        """Accept the dialog unless its days are impossible, which is said."""
        try:
            self._days.list_days()
        except ExpoFlowError as error:
            told = describe_error(error, translate=tr).render(tr)
            self._failure.setText(join_sentences((told.problem, told.remedy)))
            self._failure.show()
            return
        super().accept()

    def _make_length_field(self, name: str, value_m: float) -> NumberField:
        minimum, maximum = (self._units.from_metres(limit_m) for limit_m in _LENGTHS_M)
        field = NumberField(
            minimum=minimum, maximum=maximum, decimals=1, unit=self._units.symbol, parent=self
        )
        field.setAccessibleName(name)
        field.setValue(self._units.from_metres(value_m))
        return field

    def _on_name_changed(self, name: str) -> None:
        self._create.setEnabled(bool(name.strip()))

    def _on_browse_clicked(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Choose a folder"), self._place.text())
        if folder:
            self._place.setText(folder)


def _find_free_name(place: Path) -> str:
    """Return a name for an exhibition whose folder is not there yet."""
    name = tr("New exhibition")
    numbered = (f"{name} {number}" if number > 1 else name for number in itertools.count(1))
    return next(name for name in numbered if not (place / (name + FOLDER_SUFFIX)).exists())


class WelcomeView(Translated, QWidget):
    """Buttons for the demo, its tour, a camera, opening and creating a venue, and the recent venues."""

    tour_requested = Signal()

    def __init__(self, viewmodel: WelcomeViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._picture = QLabel(self)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = make_label(role="figure", parent=self)
        self._text = make_label(role="muted", parent=self)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
        self._demonstration = QPushButton(self)
        self._demonstration.setProperty("role", "primary")
        self._demonstration.clicked.connect(viewmodel.open_demonstration)
        self._tour = QPushButton(self)
        self._tour.clicked.connect(self.tour_requested)
        self._try = QPushButton(self)
        self._try.clicked.connect(self.try_camera)
        self._open = QPushButton(self)
        self._open.clicked.connect(self.open_venue_dialog)
        self._create = QPushButton(self)
        self._create.clicked.connect(self.create_venue_dialog)
        buttons = fill(make_row(spacing=10), 1)
        for button in (self._demonstration, self._tour, self._try, self._create, self._open):
            button.setIconSize(QSize(18, 18))
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._recent_title = make_label(role="title", parent=self)
        self._recent_list = make_column(spacing=4)
        self._recent = QFrame(self)
        self._recent.setProperty("role", "card")
        fill(make_column(self._recent, margins=(18, 14, 18, 14)), self._recent_title, self._recent_list)
        self._recent.setMaximumWidth(720)
        middle = fill(QHBoxLayout(), 1, (self._recent, 6), 1)
        content = QWidget(self)
        column = fill(make_column(content, margins=24, spacing=14), 2, self._picture, self._title, self._text)
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
        fill(make_column(self, margins=0), scroll)
        viewmodel.state_changed.connect(self._show_state)
        self.retranslate()
        self._recolour()

    def retranslate(self) -> None:
        self._title.setText(tr("See how visitors use your hall"))
        self._text.setText(
            tr(
                "ExpoFlow counts people at your cameras and shows where they go and how long they stay. "
                "It never stores a picture of anybody."
            )
        )
        for button, text in (
            (self._demonstration, tr("Open the demonstration")),
            (self._tour, tr("Take the tour")),
            (self._try, tr("Try a camera now")),
            (self._create, tr("Create a venue")),
            (self._open, tr("Open a venue")),
        ):
            name_control(button, text)
        self._recent_title.setText(tr("Recent venues"))
        self._show_state()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._viewmodel.read_names()

    def open_venue_dialog(self) -> None:
        state = self._viewmodel.state
        start = state.recent_venues[0].folder.parent if state.recent_venues else Path.home()
        folder = QFileDialog.getExistingDirectory(self, tr("Choose a venue's folder"), str(start))
        if folder:
            self._viewmodel.open_venue(Path(folder))

    def try_camera(self) -> None:
        """Show the people in the picture of a camera or film, before there is a venue."""
        # what reads cameras takes time to load
        from app.gui.cameras.camera_wizard_page import CameraWizard

        viewmodel = self._viewmodel.try_camera()
        wizard = CameraWizard(viewmodel, self.window())
        viewmodel.venue_needed.connect(lambda: self.create_venue_dialog(above=wizard))
        open_dialog(wizard)

    def create_venue_dialog(self, *, above: QWidget | None = None) -> None:
        dialog = CreateVenueDialog(Path.home(), above or self.window())
        dialog.finished.connect(partial(self._on_dialog_finished, dialog))
        open_dialog(dialog)

    def _on_dialog_finished(self, dialog: CreateVenueDialog, result: int) -> None:
        if result == QDialog.DialogCode.Accepted:
            self._viewmodel.create_venue(dialog.new_venue)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        self._demonstration.setVisible(state.has_demonstration)
        self._tour.setVisible(state.has_demonstration)
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

    def _recolour(self) -> None:
        theme = current_theme()
        show_icon(self._picture, "brand", theme.accent, 72)
        self._demonstration.setIcon(make_icon("play", theme.accent_text))
        self._tour.setIcon(make_icon("guide"))
        self._try.setIcon(make_icon("camera"))
        self._open.setIcon(make_icon("open"))
        self._create.setIcon(make_icon("add"))
