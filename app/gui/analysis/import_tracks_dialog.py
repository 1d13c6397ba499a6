"""The dialog that imports positions of other sensors, with a preview on the plan."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from app.access.roles import Permission
from app.analysis.import_tracks import Identities, PastImport
from app.analysis.track_file import REASONS
from app.core.document import DEFAULT_GEOMETRY
from app.gui.analysis.import_tracks_model import ImportTracksState, ImportTracksViewModel, TracksChoice
from app.gui.canvas.floor_plan_canvas import FloorPlanCanvas
from app.gui.session.cell_text import format_number, format_period
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import (
    display_name,
    join_sentences,
    tr,
    translate_phrase,
    translate_report,
    trn,
)
from app.gui.widgets.date_time_field import DateTimeField
from app.gui.widgets.layouts import (
    fill,
    make_button,
    make_column,
    make_row,
    name_field,
    show_text,
    style_labels,
    style_message,
)
from app.gui.widgets.safe_question import ask_confirmation
from app.gui.widgets.work_row import JobRow
from app.plan.floor_scene import LiveDot, describe_floor

_KINDS = "*.csv *.parquet *.txt *.sqlite *.db"
_SIZE_WH = (940, 640)


class ImportTracksDialog(QDialog):
    """The dialog for an `ImportTracksState`: nothing changes before the file was shown and confirmed."""

    def __init__(self, viewmodel: ImportTracksViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        viewmodel.setParent(self)
        self._viewmodel = viewmodel
        self._file: Path | None = None
        self._covered: Path | None = None
        self._rendered = ImportTracksState()
        venue = viewmodel.venue
        assert venue is not None
        self._exhibition = venue.exhibition
        self._start_utc_s = self._propose_start()
        self.setWindowTitle(tr("Import positions of another sensor"))
        self.resize(*_SIZE_WH)
        self.file, self.covered = QLabel(self), QLabel(self)
        self.choose = make_button(tr("Choose a file…"), self)
        self.choose_covered = make_button(tr("Choose a file…"), self)
        self.whole_hall = make_button(tr("Whole hall"), self)
        self.sensor, self.identities = QComboBox(self), QComboBox(self)
        self.start = DateTimeField(self)
        self.canvas = FloorPlanCanvas(self)
        self.outcome, self.problem = QLabel(self), QLabel(self)
        self.job = JobRow(self)
        self.imports = QListWidget(self)
        self.remove = make_button(tr("Remove this import…"), self)
        self.close_button = make_button(tr("Close"), self)
        self.start_import = make_button(tr("Import"), self, role="primary")
        require_permission(self.start_import, Permission.RECORD)
        require_permission(self.remove, Permission.ERASE)
        self._build()
        self._bind()
        self.canvas.show_scene(describe_floor(venue, venue.geometry_at(None) or DEFAULT_GEOMETRY))
        self._render()

    def reject(self) -> None:
        """Cancel what is being done and close."""
        self._viewmodel.cancel()
        super().reject()

    def _propose_start(self) -> float:
        venue = self._viewmodel.venue
        hours = () if venue is None else venue.exhibition.opening_hours
        if hours:
            return self._exhibition.day_interval_utc(hours[0].day)[0]
        day = self._exhibition.local_day(self._viewmodel.now_utc_s)
        return self._exhibition.day_interval_utc(day)[0]

    def _build(self) -> None:
        theme = current_theme()
        self.sensor.setEditable(True)
        self.identities.addItem(tr("One person for as long as it lasts"), Identities.PERSONS)
        self.identities.addItem(tr("Pieces of paths, to be joined"), Identities.TRACKLETS)
        self.start.show_time(self._start_utc_s, self._exhibition)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(tr("File"), fill(make_row(spacing=theme.space_s), (self.file, 1), self.choose))
        for label, field in (
            (tr("Name of the sensor"), self.sensor),
            (tr("A track_id is"), self.identities),
            (tr("Start, if the file counts from 0"), self.start),
        ):
            form.addRow(label, field)
            name_field(field, label)
        self.start.setToolTip(tr("Venue time; a file with the column time_utc does not need it"))
        floor = make_row(spacing=theme.space_s)
        form.addRow(tr("Covered floor"), fill(floor, (self.covered, 1), self.choose_covered, self.whole_hall))
        self.choose_covered.setAccessibleName(tr("Choose a GeoJSON file of the covered floor"))
        self.choose.setAccessibleName(tr("Choose a file of positions"))
        style_labels("", self.file, self.covered, self.outcome)
        self.outcome.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        style_message(self.problem)
        self.canvas.setAccessibleName(tr("Preview of the positions on the plan"))
        self.imports.setAccessibleName(tr("Imported files"))
        self.imports.setMaximumHeight(96)
        past = QLabel(tr("Imported files"), self)
        past.setProperty("role", "title")
        left = make_column(spacing=theme.space_s)
        fill(left, form, self.problem, self.outcome, 1, past, self.imports)
        fill(left, fill(make_row(), self.remove, 1))
        middle = fill(make_row(spacing=theme.space_m), (left, 4), (self.canvas, 5))
        column = make_column(
            self, margins=(theme.space_l, theme.space_m, theme.space_l, theme.space_m), spacing=theme.space_m
        )
        buttons = fill(make_row(spacing=theme.space_s), 1, self.close_button, self.start_import)
        fill(column, (middle, 1), self.job, buttons)
        self.choose.setFocus()

    def _bind(self) -> None:
        model = self._viewmodel
        model.state_changed.connect(self._render)
        self.choose.clicked.connect(self._on_choose_clicked)
        self.choose_covered.clicked.connect(self._on_choose_covered_clicked)
        self.whole_hall.clicked.connect(lambda: self._set_covered(None))
        self.start.time_chosen.connect(self._on_start_chosen)
        self.sensor.editTextChanged.connect(self._render)
        self.imports.currentRowChanged.connect(self._render)
        self.remove.clicked.connect(self._on_remove_clicked)
        self.start_import.clicked.connect(lambda: self._act(model.import_file))
        self.close_button.clicked.connect(self.reject)
        self.job.stop_requested.connect(model.cancel)

    def _act(self, act: object) -> None:
        choice = self._choice
        if choice is not None and callable(act):
            act(choice)

    @property
    def _choice(self) -> TracksChoice | None:
        if self._file is None:
            return None
        return TracksChoice(
            self._file,
            self._start_utc_s,
            self.sensor.currentText(),
            Identities(self.identities.currentData()),
            self._covered,
        )

    def _on_choose_clicked(self) -> None:
        file, _kind = QFileDialog.getOpenFileName(self, tr("Choose a file"), "", f"{_KINDS};;*")
        if file:
            self.read_file(Path(file))

    def read_file(self, file: Path) -> None:
        self._file = file
        if not self.sensor.currentText().strip():
            self.sensor.setEditText(file.stem)
        self._act(self._viewmodel.preview)

    def _on_start_chosen(self, start_utc_s: float) -> None:
        self._start_utc_s = start_utc_s
        self._act(self._viewmodel.preview)

    def _on_choose_covered_clicked(self) -> None:
        file, _kind = QFileDialog.getOpenFileName(self, tr("Choose a file"), "", "*.geojson *.json")
        if file:
            self._set_covered(Path(file))

    def _set_covered(self, file: Path | None) -> None:
        self._covered = file
        self._render()

    def _on_remove_clicked(self) -> None:
        known = self._chosen_import()
        if known is None:
            return
        ask_confirmation(
            self,
            tr("Remove this import"),
            tr(
                "All positions of {sensor} from {period} will be deleted.",
                sensor=display_name(str(known.sensor)),
                period=self._format_period(known),
            ),
            tr("You can import the file again afterwards."),
            yes=tr("Remove"),
            on_answer=lambda is_agreed: self._viewmodel.remove(known) if is_agreed else None,
        )

    def _chosen_import(self) -> PastImport | None:
        row, imports = self.imports.currentRow(), self._viewmodel.state.imports
        return imports[row] if 0 <= row < len(imports) else None

    def _format_period(self, known: PastImport) -> str:
        return format_period(*known.period_s, time_zone=self._exhibition.time_zone)

    def _render(self) -> None:
        state, was = self._viewmodel.state, self._rendered
        self._rendered = state
        is_busy = bool(state.job)
        kinds = tr("CSV, Parquet, or a trajectory of PedPy or JuPedSim")
        self.file.setText(kinds if self._file is None else self._file.name)
        self.covered.setText(tr("Whole hall") if self._covered is None else self._covered.name)
        self.whole_hall.setVisible(self._covered is not None)
        show_text(self.problem, "" if state.fault is None else translate_report(state.fault))
        show_text(self.outcome, describe_result(state, self._exhibition.time_zone))
        self.job.show_job(
            state.job, done=state.progress or 0.0, total=0.0 if state.progress is None else 1.0, can_stop=True
        )
        if state.preview is not was.preview:
            places = () if state.preview is None else state.preview.places_m.tolist()
            self.canvas.show_dots(tuple(LiveDot(((x, y),)) for x, y in places))
        if state.imports != was.imports:
            self._fill_imports(state.imports)
        choice = self._choice
        is_read = choice is not None and state.read is not None and state.read.file == choice.file
        self.start_import.setEnabled(
            is_read and not is_busy and state.imported is None and bool(self.sensor.currentText().strip())
        )
        self.remove.setEnabled(self._chosen_import() is not None and not is_busy)
        for button in (self.choose, self.choose_covered, self.whole_hall):
            button.setEnabled(not is_busy)
        for field in (self.sensor, self.identities, self.start):
            field.setEnabled(not is_busy)

    def _fill_imports(self, imports: tuple[PastImport, ...]) -> None:
        with QSignalBlocker(self.imports):
            self.imports.clear()
            for known in imports:
                text = tr(
                    "{file} ({sensor}), {period}",
                    file=known.file,
                    sensor=display_name(str(known.sensor)),
                    period=self._format_period(known),
                )
                QListWidgetItem(text, self.imports).setToolTip(text)
            self.imports.setCurrentRow(0 if imports else -1)
        names = list(dict.fromkeys(str(known.sensor) for known in imports))
        with QSignalBlocker(self.sensor):
            typed = self.sensor.currentText()
            self.sensor.clear()
            self.sensor.addItems(names)
            self.sensor.setEditText(typed)


def describe_result(state: ImportTracksState, time_zone: str) -> str:
    """Return what a file holds, or what became of it."""
    if state.removed is not None:
        return tr("{name} was removed from the history.", name=state.removed.file)
    if state.imported is not None and not state.imported.is_new:
        return tr("This file is already part of the history; nothing was changed.")
    found = state.imported or state.preview
    if found is None:
        return ""
    period_s = (
        (state.imported.observed_s[0][0], state.imported.observed_s[-1][1])
        if state.imported is not None
        else state.preview.period_s
        if state.preview is not None
        else (0.0, 0.0)
    )
    positions = trn("{n} position", "{n} positions", found.positions)
    people = trn("{n} person", "{n} people", found.people)
    period = format_period(*period_s, time_zone=time_zone)
    first = (
        tr("{positions} of {people} were added, {period}.", positions=positions, people=people, period=period)
        if state.imported is not None
        else tr("{positions} of {people}, {period}.", positions=positions, people=people, period=period)
    )
    share = (
        tr(
            "{percent} % of the rows could not be used.",
            percent=format_number(100 * found.skipped.share, decimals=1),
        )
        if round(100 * found.skipped.share, 1)
        else ""
    )
    skipped = map(translate_phrase, found.skipped.describe(REASONS))
    return "\n".join([join_sentences((first, share)), *skipped])
