"""A camera's detection: network, frames a second, score of a new track; view-model and dialog."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QSignalBlocker
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QLabel, QPushButton, QWidget

from analytics.domain.camera import MAX_NEW_TRACK_SCORE, MIN_NEW_TRACK_SCORE, NEW_TRACK_SCORE
from analytics.domain.identifiers import CameraId
from app.cameras.detection import DetectionCost, SetDetection, measure_detection
from app.error_reporting import ErrorReport
from app.gui.session.app_state import AppState
from app.gui.session.cell_text import format_number, format_share
from app.gui.session.job_runner import JobRunner
from app.gui.session.theme import current_theme
from app.gui.session.translation import display_name, tr
from app.gui.session.view_model import ViewModel
from app.gui.widgets.forms import set_style_property
from app.gui.widgets.layouts import fill, make_column, make_row, name_button, show_text, style_labels
from app.gui.widgets.number_field import NumberField
from app.maintenance.model_library import list_models
from app.plan.geometry_check import SEATED_FPS, list_seats_seen
from app.plan.plan_shapes import GeometryEdit
from app.settings.file import models_folder

COST_KEY = "cost of a network"
HIGH_LOAD = 0.7
"""Share of the machine's time from which a network is said to be too slow: decoding needs some, too."""


@dataclass(frozen=True, slots=True)
class DetectionState:
    """Everything that the dialog shows.

    Attributes:
        venue_model: the venue's network; ``models`` are those on this machine.
        model_name: chosen network; empty for the venue's.
        cost: the measured cost of the chosen network in words; empty before.
        tone: ``warning`` where the machine is too slow for it.
        seats: zones in which people sit, seen by the camera; empty if the chosen frames a second suffice.
        has_changed: whether there is something to apply.
    """

    camera: str = ""
    venue_model: str = ""
    models: tuple[str, ...] = ()
    model_name: str = ""
    analysed_fps: float = 5.0
    new_track_score: float = NEW_TRACK_SCORE
    cost: str = ""
    tone: str = "muted"
    seats: tuple[str, ...] = ()
    is_measuring: bool = False
    has_changed: bool = False
    message: str = ""


class DetectionViewModel(ViewModel[DetectionState]):
    """The detection of one camera; nothing is written before it is applied."""

    def __init__(
        self,
        camera: str,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        edit: Callable[[GeometryEdit], bool],
        measure: Callable[..., DetectionCost] = measure_detection,
        parent: QObject | None = None,
    ) -> None:
        """Initialise; ``edit`` saves an edit that can be undone."""
        super().__init__(parent)
        self._app_state, self._job_runner, self._edit, self._measure = app_state, job_runner, edit, measure
        state = self._read(DetectionState(camera=camera))
        self._state = dataclasses.replace(state, seats=self._find_seats(state))
        job_runner.run_latest(
            "networks of a camera",
            lambda: tr("Listing the models"),
            lambda _context: tuple(
                model.name for model in list_models(user_folder=models_folder()) if model.state == "ready"
            ),
            on_done=lambda names: self._change_state(models=names),
            on_failed=self._on_failed,
        )

    def choose(
        self,
        *,
        model_name: str | None = None,
        analysed_fps: float | None = None,
        new_track_score: float | None = None,
    ) -> None:
        """Choose values, which are not saved yet; another network is measured."""
        state = self._state
        chosen = dataclasses.replace(
            state,
            model_name=state.model_name if model_name is None else model_name,
            analysed_fps=analysed_fps or state.analysed_fps,
            new_track_score=new_track_score or state.new_track_score,
        )
        is_other = (chosen.model_name, chosen.analysed_fps) != (state.model_name, state.analysed_fps)
        saved = self._read(chosen)
        has_changed = any(
            getattr(saved, name) != getattr(chosen, name)
            for name in ("model_name", "analysed_fps", "new_track_score")
        )
        self._set_state(
            dataclasses.replace(chosen, has_changed=has_changed, message="", seats=self._find_seats(chosen))
        )
        if is_other:
            self.measure()

    def measure(self) -> None:
        venue, state = self._app_state.venue, self._state
        if venue is None:
            return
        self._change_state(is_measuring=True, cost="", tone="muted")
        self._job_runner.run_latest(
            COST_KEY,
            lambda: tr("Measuring the network"),
            lambda job: self._measure(venue, state.camera, state.model_name, state.analysed_fps, job),
            on_done=self._on_measured,
            on_failed=self._on_failed,
        )

    def apply(self) -> bool:
        """Save the chosen values as one step; False, with a message, if they are invalid."""
        state = self._state
        edit = SetDetection(
            CameraId(state.camera), state.model_name, state.new_track_score, state.analysed_fps
        )
        is_saved = self._edit(edit)
        if is_saved:
            self._change_state(has_changed=False)
        return is_saved

    def close(self) -> None:
        self._job_runner.cancel(COST_KEY)

    def _read(self, state: DetectionState) -> DetectionState:
        venue = self._app_state.venue
        if venue is None or state.camera not in venue.camera_names:
            return state
        camera = venue.camera(state.camera).camera
        return dataclasses.replace(
            state,
            venue_model=venue.settings.model_name,
            model_name=camera.model_name,
            analysed_fps=camera.analysed_fps or venue.settings.analysed_fps,
            new_track_score=camera.new_track_score,
        )

    def _find_seats(self, state: DetectionState) -> tuple[str, ...]:
        """Return the seats for which the chosen frames a second are too few."""
        venue = self._app_state.venue
        if venue is None or state.analysed_fps >= SEATED_FPS or state.camera not in venue.camera_names:
            return ()
        return list_seats_seen(venue, state.camera)

    def _on_measured(self, cost: DetectionCost) -> None:
        state = self._state
        words = tr(
            "{model} analyses about {rate} pictures a second on this machine. With it the cameras need "
            "{share} of its time, now {before}.",
            model=display_name(state.model_name or state.venue_model),
            rate=format_number(cost.pictures_per_s),
            share=format_share(cost.load),
            before=format_share(cost.load_before),
        )
        is_slow = cost.load > HIGH_LOAD
        if is_slow:
            words += " " + tr("That is too much: frames would be dropped. Analyse fewer frames a second.")
        self._change_state(is_measuring=False, cost=words, tone="warning" if is_slow else "muted")

    def _on_failed(self, report: ErrorReport) -> None:
        self._change_state(is_measuring=False, message=report.to_text(tr))


_WIDTH = 560
_MIN_FPS, _MAX_FPS = 0.1, 120.0


class DetectionDialog(QDialog):
    """The dialog for a `DetectionState`; closing it without applying changes nothing."""

    def __init__(self, viewmodel: DetectionViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        viewmodel.setParent(self)
        self._viewmodel = viewmodel
        self.model = QComboBox(self)
        self.fps = NumberField(minimum=_MIN_FPS, maximum=_MAX_FPS, decimals=1, unit="/s", parent=self)
        self.score = NumberField(
            minimum=MIN_NEW_TRACK_SCORE, maximum=MAX_NEW_TRACK_SCORE, decimals=2, unit="", parent=self
        )
        self.cost, self.seats, self.message, self._about_model, self._about_score = (
            QLabel(self) for _ in range(5)
        )
        self.measure, self.use, self.cancel = (QPushButton(self) for _ in range(3))
        theme = current_theme()
        self._column = make_column(self, margins=theme.space_l, spacing=theme.space_m)
        self._build()
        viewmodel.state_changed.connect(self._render)
        self.model.activated.connect(lambda _at: viewmodel.choose(model_name=self.model.currentData()))
        self.fps.valueChanged.connect(lambda value: viewmodel.choose(analysed_fps=value))
        self.score.valueChanged.connect(lambda value: viewmodel.choose(new_track_score=round(value, 2)))
        self.measure.clicked.connect(viewmodel.measure)
        self.use.clicked.connect(self._on_applied)
        self.cancel.clicked.connect(self.reject)
        self.finished.connect(lambda _result: viewmodel.close())
        self.setMinimumWidth(_WIDTH)
        self._render()

    def _build(self) -> None:
        state = self._viewmodel.state
        self.setWindowTitle(tr("Detection of {camera}", camera=display_name(state.camera)))
        form = QFormLayout()
        for field, text in (
            (self.model, tr("Network")),
            (self.fps, tr("Frames a second")),
            (self.score, tr("Score of a new track")),
        ):
            field.setAccessibleName(text)
            form.addRow(QLabel(text, self), field)
        self._about_model.setText(
            tr(
                "A larger network finds more seated, hidden and distant people, and takes more time for each "
                "picture. Others are downloaded or imported under Settings, Models."
            )
        )
        self._about_score.setText(
            tr(
                "How surely a person must be found to count at once, from 0 to 1; {usual:g} is usual. With "
                "less, people count who are hardly found, and sooner or later coats and posters, too: try it "
                "with a labelled clip under Accuracy. People who are found less surely, but again and again "
                "at one place, count anyway.",
                usual=NEW_TRACK_SCORE,
            )
        )
        style_labels("small", self._about_model, self._about_score)
        style_labels("", self.cost, self.seats, self.message)
        self.seats.setProperty("role", "warning")
        self.message.setProperty("role", "bad")
        name_button(self.measure, tr("Measure again"), tr("Measure the network again on this machine"))
        name_button(self.use, tr("Apply"), tr("Use from the next start of the recording on"))
        name_button(self.cancel, tr("Cancel"))
        self.use.setProperty("role", "primary")
        for button in (self.measure, self.use, self.cancel):
            button.setAutoDefault(False)
        column = self._column
        fill(column, form, self.seats, self.cost, self._about_model, self._about_score, self.message, 1)
        fill(column, fill(make_row(), self.measure, 1, self.cancel, self.use))

    def _render(self) -> None:
        state = self._viewmodel.state
        names = list(dict.fromkeys([*state.models, *([state.model_name] if state.model_name else [])]))
        with QSignalBlocker(self.model):
            self.model.clear()
            self.model.addItem(tr("The venue's: {name}", name=display_name(state.venue_model)), "")
            for name in names:
                self.model.addItem(display_name(name), name)
            self.model.setCurrentIndex(max(self.model.findData(state.model_name), 0))
        for field, value in ((self.fps, state.analysed_fps), (self.score, state.new_track_score)):
            with QSignalBlocker(field):
                field.setValue(value)
        self.cost.setText(tr("Measuring the network…") if state.is_measuring else state.cost)
        set_style_property(self.cost, "role", state.tone)
        self.cost.setVisible(state.is_measuring or bool(state.cost))
        show_text(
            self.seats,
            tr(
                "It sees {zone}, where people sit: with fewer than {fewest:g} frames a second, neighbours "
                "are taken for each other.",
                zone=display_name(state.seats[0]),
                fewest=SEATED_FPS,
            )
            if state.seats
            else "",
        )
        self.measure.setEnabled(not state.is_measuring)
        self.use.setEnabled(state.has_changed)
        show_text(self.message, state.message)
        # wrapped labels do not raise a dialog's least height by themselves
        needed_px = self._column.totalHeightForWidth(self.width())
        if needed_px > self.height():
            self.resize(self.width(), needed_px)

    def _on_applied(self) -> None:
        if self._viewmodel.apply():
            self.accept()
