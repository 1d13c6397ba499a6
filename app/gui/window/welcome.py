"""The page shown while no venue is open, and its view-model."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, QTimeZone, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)

from analytics.domain.errors import ExpoFlowError, VenueError
from analytics.domain.exhibition import find_time_zone
from app.core.document import DEFAULT_HALL_M, FOLDER_SUFFIX
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.demo.ready_venue import is_demo_venue
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobHandle, JobRunner
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, display_name, tr
from app.gui.session.units import current_units
from app.gui.settings.model import SettingsViewModel
from app.gui.settings.show_days import ShowDaysFields
from app.gui.widgets.form_dialog import (
    FormDialog,
    Submit,
    make_check_box,
    make_choice,
    make_number_field,
    make_text_field,
)
from app.gui.widgets.forms import name_control
from app.gui.widgets.icons import make_icon, show_icon
from app.gui.widgets.layouts import fill, make_column, make_label, make_row, open_dialog
from app.gui.window.shell import NewVenue, ShellViewModel
from app.plan.opening_hours import make_hours
from resources.file_names import make_portable_name

if TYPE_CHECKING:
    from app.gui.cameras.camera_wizard_model import CameraWizardViewModel


@dataclass(frozen=True, slots=True)
class RecentVenue:
    """A recently opened venue.

    Attributes:
        name: the exhibition's; the folder's until that is read, and where it cannot be.
        is_demonstration: its name is shown in the window's language.
    """

    folder: Path
    name: str
    is_demonstration: bool = False


@dataclass(frozen=True, slots=True)
class WelcomeState:
    """The recently opened venues, the latest first."""

    recent_venues: tuple[RecentVenue, ...] = ()
    has_demonstration: bool = False


class WelcomeViewModel(QObject):
    state_changed = Signal()
    demonstration_requested = Signal()

    def __init__(
        self,
        *,
        app_state: AppState,
        shell: ShellViewModel,
        settings: SettingsViewModel,
        job_runner: JobRunner,
        has_demonstration: bool,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._shell = shell
        self._settings = settings
        self._job_runner = job_runner
        self._has_demonstration = has_demonstration
        self._known: dict[Path, RecentVenue] = {}
        self._asked: set[Path] = set()
        settings.state_changed.connect(self._on_settings_changed)

    @property
    def state(self) -> WelcomeState:
        folders = self._settings.state.recent_venues
        recent = tuple(self._known.get(folder) or RecentVenue(folder, folder.stem) for folder in folders)
        return WelcomeState(recent, self._has_demonstration)

    def read_names(self) -> None:
        unread = [folder for folder in self._settings.state.recent_venues if folder not in self._asked]
        if unread:
            self._asked.update(unread)
            self._job_runner.run(
                lambda: tr("Reading the names of recent venues"),
                lambda context: _read_names(unread, context),
                on_done=self._on_names_read,
            )

    def open_venue(self, folder: Path) -> None:
        self._shell.open_venue(folder)

    def create_venue(self, new: NewVenue) -> JobHandle | None:
        return self._shell.create_venue(new)

    def try_camera(self) -> CameraWizardViewModel:
        """Return the wizard for a camera that is tried before there is a venue."""
        from app.gui.cameras.camera_wizard_model import CameraWizardViewModel

        return CameraWizardViewModel(app_state=self._app_state, job_runner=self._job_runner)

    def open_demonstration(self) -> None:
        """Open the demo, which needs no cameras."""
        self.demonstration_requested.emit()

    def _on_names_read(self, venues: tuple[RecentVenue, ...]) -> None:
        self._known.update({venue.folder: venue for venue in venues})
        self.state_changed.emit()

    def _on_settings_changed(self) -> None:
        self.state_changed.emit()


def _read_names(folders: list[Path], context: JobContext) -> tuple[RecentVenue, ...]:
    venues = []
    for number, folder in enumerate(folders):
        context.checkpoint(number, len(folders))
        # a missing folder stays in the list; opening it reports the error
        with contextlib.suppress(ExpoFlowError):
            venue = read_venue(folder)
            venues.append(RecentVenue(folder, venue.exhibition.name, is_demo_venue(venue)))
    return tuple(venues)


_LENGTHS_M = (1.0, 2000.0)


class CreateVenueDialog(FormDialog):
    """Dialog for a new venue; ``new_venue`` is valid once it was accepted."""

    def __init__(self, place: Path, *, submit: Submit | None = None, parent: QWidget | None = None) -> None:
        super().__init__(tr("Create a venue"), accept=tr("Create"), submit=submit, parent=parent)
        self._units = current_units()
        name = make_text_field(_find_free_name(place))
        self.add("name", tr("Name of the exhibition"), name, is_needed=True)
        self.add_folder("place", tr("Folder"), make_text_field(str(place)), title=tr("Choose a folder"))
        zones = sorted(bytes(zone.data()).decode() for zone in QTimeZone.availableTimeZoneIds())
        box = make_choice((zone, zone) for zone in zones if "/" in zone and not zone.startswith("Etc/"))
        self._zone = self.add("time_zone", tr("Time zone"), box)
        self._zone.setEditable(True)
        self._zone.setCurrentText(bytes(QTimeZone.systemTimeZoneId().data()).decode() or "UTC")
        for key, label, value_m in (
            ("width", tr("Width of the hall"), DEFAULT_HALL_M[0]),
            ("depth", tr("Depth of the hall"), DEFAULT_HALL_M[1]),
        ):
            least, most = (self._units.from_metres(limit_m) for limit_m in _LENGTHS_M)
            field = make_number_field(
                self._units.from_metres(value_m),
                minimum=least,
                maximum=most,
                decimals=1,
                unit=self._units.symbol,
            )
            self.add(key, label, field)
        self._knows_days = make_check_box(tr("The show days are known"))
        self._knows_days.setToolTip(tr("They can be set and changed later in the settings."))
        self._days = ShowDaysFields(self)
        self._days.setEnabled(False)
        self._knows_days.toggled.connect(self._days.setEnabled)
        self.add_part(self._knows_days)
        self.add_part(self._days)
        name.selectAll()

    @property
    def new_venue(self) -> NewVenue:
        values = self.values
        name = values["name"]
        folder = Path(values["place"]).expanduser() / (make_portable_name(name) + FOLDER_SUFFIX)
        size_m = (self._units.to_metres(values["width"]), self._units.to_metres(values["depth"]))
        days = self._days.list_days() if self._knows_days.isChecked() else ()
        hours = make_hours(days, (self._days.times,))
        return NewVenue(folder, name, self._zone.currentText().strip(), size_m, hours)

    def check(self) -> None:
        place = Path(self.values["place"]).expanduser()
        if place.is_file():
            raise VenueError("{file} is a file, not a folder.", "Choose a folder.", file=self.values["place"])
        find_time_zone(self._zone.currentText().strip())
        self._days.list_days()


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
        open_dialog(
            CreateVenueDialog(
                Path.home(),
                submit=lambda form: self._viewmodel.create_venue(form.new_venue),
                parent=above or self.window(),
            )
        )

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
