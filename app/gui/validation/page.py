"""The validation page: consent, clips, labels, results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QDateTime, Qt, QTimeZone, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QFileDialog,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTableView,
    QToolButton,
    QWidget,
)

from analytics.domain.errors import SourceError
from analytics.domain.identifiers import CameraId
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, current_language, display_name, tr
from app.gui.tables.record_table import RecordTable, TableColumn
from app.gui.validation.clip_labelling_page import ClipLabellingView
from app.gui.validation.model import ValidationViewModel
from app.gui.validation.text import (
    RecordingChoices,
    ResultFigure,
    ResultRow,
    ValidationResults,
    ValidationState,
    ValidationStep,
)
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.failure_note import FailureNote
from app.gui.widgets.form_dialog import FormDialog, Submit, make_choice, make_text_field
from app.gui.widgets.forms import ask_for_video
from app.gui.widgets.layouts import (
    explain_disabled,
    fill,
    fill_combo_box_values,
    make_button,
    make_column,
    make_open_card,
    make_row,
    name_buttons,
    open_dialog,
    set_roles,
    style_labels,
    style_tools,
)
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.work_row import JobRow, ProgressBar
from app.validation.validation_recorded import Recording


class ResultTable(RecordTable[ResultRow]):
    """The table of cameras, in the columns of the certificate."""

    def __init__(self) -> None:
        self._headings: tuple[str, ...] = ()
        super().__init__()

    def show_results(self, headings: Sequence[str], rows: Sequence[ResultRow]) -> None:
        self._headings = tuple(headings)
        self._columns = self.make_columns()
        self.show(rows)

    def make_columns(self) -> Sequence[TableColumn[ResultRow]]:
        return tuple(
            TableColumn(title, _format_cell(column), _format_cell(column), is_number=column > 0)
            for column, title in enumerate(self._headings)
        )


def _format_cell(column: int) -> Callable[[ResultRow], str]:
    def say(row: ResultRow) -> str:
        value, below = row[column]
        shown = display_name(value) if column == 0 else value
        return f"{shown}\n{below}" if below else shown

    return say


_FIGURES = 4
_HEADER_PX = 42
"""Header height including the frame."""


class ValidationResultsView(QWidget):
    """The last step, with the texts of the certificate."""

    def __init__(self, viewmodel: ValidationViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._results: ValidationResults | None = None
        self._tiles = tuple(_FigureTile() for _ in range(_FIGURES))
        self.table, self.cameras = ResultTable(), QTableView()
        self.empty, self.missing, self.notes = QLabel(), QLabel(), QLabel()
        self._missing_title, self._notes_title = QLabel(), QLabel()
        self.certificate, self.again, self.folder = QPushButton(), QPushButton(), QPushButton()
        self._written = ""
        self._said = QLabel()
        self._content = QWidget()
        self._build()
        self.again.clicked.connect(viewmodel.comparison.compute)
        self.certificate.clicked.connect(self._on_certificate_clicked)
        self.folder.clicked.connect(self._on_folder_clicked)
        viewmodel.comparison.certificate_written.connect(self._on_written)
        self.retranslate()

    def retranslate(self) -> None:
        self.empty.setText(tr("There are no labels yet."))
        self._missing_title.setText(tr("Still missing"))
        self._notes_title.setText(tr("Conditions"))
        self.cameras.setAccessibleName(tr("Accuracy of each camera"))
        name_buttons(
            (self.certificate, tr("Certificate (PDF)"), tr("Save an accuracy certificate as a PDF file")),
            (self.again, tr("Compute again"), tr("Compare all labels with the history again")),
            (self.folder, tr("Open folder"), tr("Show the certificate in its folder")),
        )
        self._results = None
        self.show_state(self._viewmodel.state)

    def show_state(self, state: ValidationState) -> None:
        results = state.results
        self.empty.setVisible(results is None)
        self._content.setVisible(results is not None)
        self.certificate.setEnabled(results is not None and not state.busy)
        self.again.setEnabled(state.labelled > 0 and not state.busy)
        if results is None or results == self._results:
            return
        self._results = results
        for tile, figure in zip(self._tiles, results.figures, strict=True):
            tile.show_figure(figure)
        self.table.show_results(results.headings, results.rows)
        self.cameras.resizeRowsToContents()
        self.cameras.setFixedHeight(_HEADER_PX + sum(map(self.cameras.rowHeight, range(len(results.rows)))))
        self.missing.setText("\n".join(f"• {sentence}" for sentence in results.missing))
        self.notes.setText("\n".join(f"• {sentence}" for sentence in results.notes))

    def _build(self) -> None:
        theme = current_theme()
        tiles = QGridLayout()
        tiles.setSpacing(theme.space_m)
        for at, tile in enumerate(self._tiles):
            tiles.addWidget(tile, 0, at)
            tiles.setColumnStretch(at, 1)
        self.cameras.setModel(self.table)
        self.cameras.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.cameras.verticalHeader().hide()
        self.cameras.setShowGrid(False)
        self.cameras.setAlternatingRowColors(True)
        self.cameras.setTabKeyNavigation(False)
        self.cameras.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for label in (self._missing_title, self._notes_title):
            label.setProperty("role", "title")
        style_labels("", self.missing, self.notes, self._said)
        self.empty.setProperty("role", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_roles((self._said, "good"), (self.certificate, "primary"))
        texts = QGridLayout()
        texts.setHorizontalSpacing(theme.space_l)
        for at, (title, text) in enumerate(
            ((self._missing_title, self.missing), (self._notes_title, self.notes))
        ):
            texts.addWidget(title, 0, at)
            texts.addWidget(text, 1, at, Qt.AlignmentFlag.AlignTop)
            texts.setColumnStretch(at, 1)
        inner = make_column(self._content, margins=0, spacing=theme.space_m)
        fill(inner, tiles, self.cameras, texts, 1)
        scrolled = QWidget()
        scroll_content(scrolled, self._content)
        buttons = fill(make_row(), self.again, (self._said, 1), self.folder, self.certificate)
        self.folder.hide()
        fill(make_column(self, margins=0, spacing=theme.space_m), self.empty, (scrolled, 1), buttons)

    def _on_certificate_clicked(self) -> None:
        name = tr("Accuracy certificate") + ".pdf"
        file, _kind = QFileDialog.getSaveFileName(
            self, tr("Save the certificate"), str(Path.home() / name), "PDF (*.pdf)"
        )
        if file:
            self._viewmodel.comparison.write_certificate(Path(file), language=current_language())

    def _on_written(self, file: str) -> None:
        self._written = file
        self._said.setText(tr("The certificate is in {place}.", place=file))
        self.folder.show()

    def _on_folder_clicked(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._written).parent)))


class _FigureTile(QFrame):
    """A tile with a number, its interval and its basis."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._name, self._value, self._interval, self._basis = (QLabel() for _ in range(4))
        set_roles((self._name, "muted"), (self._value, "figure"), (self._basis, "small"))
        self._basis.setWordWrap(True)
        column = fill(make_column(self, spacing=current_theme().space_xs), self._name, self._value)
        fill(column, self._interval, self._basis, 1)

    def show_figure(self, figure: ResultFigure) -> None:
        self._name.setText(figure.name)
        self._value.setText(figure.value)
        self._interval.setText(figure.interval)
        self._basis.setText(figure.basis)
        self.setAccessibleName(f"{figure.name}: {figure.value} {figure.interval}")
        self.setAccessibleDescription(figure.basis)


_MS = 1000


class RecordingDialog(FormDialog):
    """A dialog for clips of a recording; ``recording_entered`` is valid once it was accepted."""

    def __init__(
        self, choices: RecordingChoices, submit: Submit | None = None, parent: QWidget | None = None
    ) -> None:
        title = tr("Clips from a recording")
        super().__init__(title, accept=tr("Extract clips"), width_px=560, submit=submit, parent=parent)
        self._choices, self.file, self.begins = choices, make_text_field(), QDateTimeEdit()
        self.begins.setTimeZone(QTimeZone(choices.time_zone.encode()))
        self.begins.setDisplayFormat("yyyy-MM-dd HH:mm:ss")
        self.begins.setCalendarPopup(True)
        cameras = make_choice((camera.name, display_name(camera.name)) for camera in choices.cameras)
        self.camera = self.add("camera", tr("Camera"), cameras)
        browse = make_button(tr("Choose"), self)
        browse.setAccessibleName(tr("Choose a video file"))
        self.add("file", tr("Video file"), self.file, is_needed=True, beside=browse)
        self.add("begins", tr("Started at ({zone})", zone=choices.time_zone), self.begins)
        self.add_note(
            tr(
                "The recording must have been analysed into this venue's history. Only times that "
                "are in the history can be compared."
            )
        )
        self.camera.currentIndexChanged.connect(self._on_camera_chosen)
        browse.clicked.connect(self._on_browse_clicked)
        self._on_camera_chosen(0)

    @property
    def recording_entered(self) -> Recording:
        return Recording(
            Path(self.file.text().strip()),
            CameraId(self.camera.currentData()),
            self.begins.dateTime().toMSecsSinceEpoch() / _MS,
        )

    def check(self) -> None:
        file = self.file.text().strip()
        if not Path(file).is_file():
            raise SourceError("There is no file {file}.", "Check the name and the folder.", file=file)

    def _on_camera_chosen(self, row: int) -> None:
        if 0 <= row < len(self._choices.cameras):
            known = self._choices.cameras[row]
            self.file.setText(known.file)
            moment = QDateTime.fromMSecsSinceEpoch(round(_MS * known.start_utc_s))
            self.begins.setDateTime(moment.toTimeZone(QTimeZone(self._choices.time_zone.encode())))

    def _on_browse_clicked(self) -> None:
        if file := ask_for_video(self, self.file.text()):
            self.file.setText(file)


CLIP_COUNTS = (10, 20, 40, 80, 160)
CLIP_LENGTHS_S = (30.0, 60.0, 120.0)
_PARTS = 1000


class ValidationClips(QWidget):
    """The second step: how many clips, and their capture."""

    def __init__(self, viewmodel: ValidationViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._count_words, self._length_words = QLabel(), QLabel()
        self.count, self.length = QComboBox(), QComboBox()
        self.choose, self.anew = QPushButton(), QPushButton()
        self.needed, self.progress, self.collecting = QLabel(), QLabel(), QLabel()
        self._bar, self._clip_bar = ProgressBar(), ProgressBar()
        self.live, self.recording, self.label = QPushButton(), QPushButton(), QPushButton()
        self.note = FailureNote()
        self._build()
        self.choose.clicked.connect(self._on_choose_clicked)
        self.anew.clicked.connect(viewmodel.start_over)
        self.live.clicked.connect(lambda: viewmodel.collect(not viewmodel.state.is_collecting))
        self.recording.clicked.connect(self._on_recording_clicked)
        self.label.clicked.connect(lambda: viewmodel.show_step(ValidationStep.LABEL))
        self.retranslate()
        # forty clips of a minute
        self.count.setCurrentIndex(2)
        self.length.setCurrentIndex(1)

    def retranslate(self) -> None:
        fill_combo_box_values(self.count, ((count, str(count)) for count in CLIP_COUNTS))
        lengths = ((seconds, tr("{seconds:.0f} s", seconds=seconds)) for seconds in CLIP_LENGTHS_S)
        fill_combo_box_values(self.length, lengths)
        self._count_words.setText(tr("Number of clips"))
        self._length_words.setText(tr("Length of a clip"))
        self.count.setAccessibleName(tr("Number of clips"))
        self.length.setAccessibleName(tr("Length of a clip"))
        for bar, name in ((self._bar, tr("Captured clips")), (self._clip_bar, tr("Current clip"))):
            bar.setAccessibleName(name)
        name_buttons(
            (self.choose, tr("Use these"), tr("Draw so many clips of this length at random")),
            (self.anew, tr("Start over"), tr("Keep the current labels in their file and start afresh")),
            (self.recording, tr("From a recording"), tr("Extract clips from an analysed recording")),
            (self.label, tr("Label"), tr("Label the available clips")),
        )
        self.show_state(self._viewmodel.state)

    def show_state(self, state: ValidationState) -> None:
        is_chosen = bool(state.needed)
        self.needed.setText(state.needed or tr("First choose how many clips to label."))
        self.progress.setText(state.progress)
        self._bar.setRange(0, _PARTS)
        self._bar.setValue(round(_PARTS * state.progress_share))
        done_s, total_s = state.collecting_done
        self.collecting.setText(state.collecting)
        self._clip_bar.setVisible(total_s > 0)
        self._clip_bar.setRange(0, round(_PARTS * total_s))
        self._clip_bar.setValue(round(_PARTS * done_s))
        self.live.setText(tr("Stop capturing clips") if state.is_collecting else tr("From the live cameras"))
        name = (
            tr("Stop capturing clips") if state.is_collecting else tr("Capture clips from the live cameras")
        )
        self.live.setAccessibleName(name)
        can_take = is_chosen and state.has_consent and not state.busy
        self.live.setEnabled(state.is_collecting or (can_take and state.is_recording))
        self.live.setToolTip("" if state.is_recording else tr("Start the recording first."))
        self.recording.setEnabled(can_take)
        self.label.setEnabled(bool(state.waiting))
        self.choose.setEnabled(not state.busy)
        self.anew.setVisible(state.labelled > 0)
        self.anew.setEnabled(not state.busy and not state.is_collecting)
        problem = (
            "" if state.has_consent or not is_chosen else tr("Consent to keep clips has not been given.")
        )
        remedy = tr("Go back to the first step.") if problem else ""
        self.note.show_failure(problem, remedy, "")

    def _build(self) -> None:
        theme = current_theme()
        card, column = make_open_card(theme.space_m, spacing=theme.space_s)
        first = fill(make_row(spacing=theme.space_s), self._count_words, self.count)
        fill(first, self._length_words, self.length, self.choose, 1, self.anew)
        set_roles((self.choose, "primary"), (self.label, "primary"), (self.needed, "title"))
        style_labels("", self.needed, self.progress, self.collecting)
        for label in (self.progress, self.collecting):
            label.setProperty("role", "muted")
        for bar in (self._bar, self._clip_bar):
            bar.setTextVisible(False)
        take = fill(make_row(spacing=theme.space_s), self.live, self.recording, (self.collecting, 1))
        fill(take, (self._clip_bar, 1), self.label)
        fill(column, first, self.needed, self.note, self.progress, self._bar, take, 1)
        fill(make_column(self, margins=0), card)

    def _on_choose_clicked(self) -> None:
        self._viewmodel.choose_clips(self.count.currentData(), clip_s=self.length.currentData())

    def _on_recording_clicked(self) -> None:
        open_dialog(
            RecordingDialog(
                self._viewmodel.describe_recordings(),
                lambda form: self._viewmodel.capture_from_recording(form.recording_entered),
                self,
            )
        )


_MAX_PX = 760


class ValidationConsent(QWidget):
    """The first step; nothing is stored before its box is ticked."""

    def __init__(self, viewmodel: ValidationViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._title, self._what, self._given_words, self._labelled_words = (QLabel() for _ in range(4))
        self._unfinished = QLabel()
        self.given_by, self.labelled_by = QLineEdit(), QLineEdit()
        self.agree, self.in_file = QCheckBox(), QCheckBox()
        self.begin, self.results = QPushButton(), QPushButton()
        self._build()
        self.agree.toggled.connect(self._show_begin)
        self.given_by.textChanged.connect(self._show_begin)
        self.begin.clicked.connect(self._on_begin_clicked)
        self.results.clicked.connect(lambda: viewmodel.show_step(ValidationStep.RESULTS))
        self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(tr("How accurate are the numbers?"))
        self._what.setText(
            tr(
                "Short clips from your own cameras are labelled by hand and compared with the "
                "system's counts for the same seconds. The clips show people. They are stored "
                "encrypted, only for labelling, with a key that exists only in memory: each clip is "
                "removed once it is labelled, and all clips after 8 hours, when the venue or the "
                "window is closed, or at your request. Only the labels remain: times and positions "
                "without pictures."
            )
        )
        self._given_words.setText(tr("Consent given by"))
        self._labelled_words.setText(tr("Labelled by"))
        self.given_by.setAccessibleName(tr("Consent given by"))
        self.labelled_by.setAccessibleName(tr("Labelled by"))
        self.labelled_by.setPlaceholderText(tr("The same person"))
        self.agree.setText(
            tr("I consent to storing clips in this way, and am authorised to decide this for the venue")
        )
        self.in_file.setText(tr("Store the encrypted pictures in a file of the venue to save memory"))
        self.begin.setText(tr("Begin"))
        self.results.setText(tr("Show current results"))
        for control in (self.agree, self.in_file, self.begin, self.results):
            control.setAccessibleName(control.text())
        self.show_state(self._viewmodel.state)

    def show_state(self, state: ValidationState) -> None:
        self.results.setVisible(state.labelled > 0)
        self._unfinished.setText(state.unfinished)
        self._unfinished.setVisible(bool(state.unfinished))
        self._show_begin()

    def _build(self) -> None:
        theme = current_theme()
        card = QFrame()
        card.setProperty("role", "card")
        card.setMaximumWidth(_MAX_PX)
        set_roles((self._title, "title"), (self._unfinished, "warning"))
        style_labels("", self._what, self._unfinished)
        self.begin.setProperty("role", "primary")
        form = QFormLayout()
        form.setHorizontalSpacing(theme.space_l)
        form.setVerticalSpacing(theme.space_s)
        form.addRow(self._given_words, self.given_by)
        form.addRow(self._labelled_words, self.labelled_by)
        buttons = fill(make_row(), self.begin, self.results, 1)
        column = fill(make_column(card, margins=theme.space_l, spacing=theme.space_m), self._title)
        fill(column, self._what, self._unfinished, form, self.agree, self.in_file, buttons)
        row = fill(make_row(), 1, (card, 20), 1)
        fill(make_column(self, margins=0), row, 1)

    def _show_begin(self) -> None:
        explain_disabled(
            self.begin,
            tr("Enter who gives the consent.")
            if not self.given_by.text().strip()
            else ""
            if self.agree.isChecked()
            else tr("Tick that you consent."),
        )

    def _on_begin_clicked(self) -> None:
        is_begun = self._viewmodel.consent(
            given_by=self.given_by.text(),
            labelled_by=self.labelled_by.text(),
            in_file=self.in_file.isChecked(),
        )
        if is_begun:
            # further clips need a new consent
            self.agree.setChecked(False)


class ValidationView(Translated, QWidget):
    """The page of a `ValidationState`; states what is stored of clips while any may exist."""

    def __init__(self, viewmodel: ValidationViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self.steps = {step: QToolButton() for step in ValidationStep}
        self._group = QButtonGroup(self)
        self.consent = ValidationConsent(viewmodel)
        self.clips = ValidationClips(viewmodel)
        self.labelling = ClipLabellingView(viewmodel.labelling)
        self.results = ValidationResultsView(viewmodel)
        self.kept, self.remove_clips = QLabel(), QPushButton()
        self._storage_bar, self.failure, self._work = QFrame(), FailureNote(), JobRow()
        self._empty = EmptyPage("accuracy")
        self._parts, self._pages = QStackedWidget(), QStackedWidget()
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        names = {
            ValidationStep.CONSENT: (tr("1  Consent"), tr("Consent to keep clips")),
            ValidationStep.CLIPS: (tr("2  Clips"), tr("Plan and capture clips")),
            ValidationStep.LABEL: (tr("3  Label"), tr("Label what the clips show")),
            ValidationStep.RESULTS: (tr("4  Results"), tr("Results and certificate")),
        }
        for step, (text, name) in names.items():
            self.steps[step].setText(text)
            self.steps[step].setToolTip(name)
            self.steps[step].setAccessibleName(name)
        self.remove_clips.setText(tr("Remove now"))
        self.remove_clips.setAccessibleName(tr("Remove all clips now"))
        self.remove_clips.setToolTip(tr("Remove all clips now"))
        self._empty.show_texts(
            tr("Nothing to validate yet"),
            tr(
                "Add a camera and record for an hour or more; then clips can show the accuracy of its "
                "numbers."
            ),
        )
        self._viewmodel.retranslate()
        for part in (self.consent, self.clips, self.labelling, self.results):
            part.retranslate()
        self._render()

    def _build(self) -> None:
        theme = current_theme()
        steps = make_row(spacing=theme.space_xs)
        for button in self.steps.values():
            style_tools("layer", button)
            self._group.addButton(button)
            steps.addWidget(button)
        steps.addSpacing(theme.space_m)
        steps.addWidget(self._work, 1)
        self._storage_bar.setProperty("role", "banner")
        style_labels("", self.kept)
        kept = QHBoxLayout(self._storage_bar)
        kept.setContentsMargins(theme.space_m, theme.space_xs, theme.space_s, theme.space_xs)
        fill(kept, (self.kept, 1), self.remove_clips)
        for part in (self.consent, self.clips, self.labelling, self.results):
            self._parts.addWidget(part)
        work = QWidget()
        column = make_column(
            work, margins=(theme.space_l, theme.space_m, theme.space_l, theme.space_m), spacing=theme.space_s
        )
        fill(column, steps, self._storage_bar, self.failure, (self._parts, 1))
        for page in (self._empty, work):
            self._pages.addWidget(page)
        fill(make_column(self, margins=0), self._pages)

    def _bind(self) -> None:
        model = self._viewmodel
        model.state_changed.connect(self._render)
        for step, button in self.steps.items():
            button.clicked.connect(lambda _on, step=step: self._on_step_chosen(step))
        self.remove_clips.clicked.connect(model.remove_clips)
        self._work.stop_requested.connect(model.stop)
        self.labelling.next_requested.connect(model.open_next_clip)
        self.labelling.panel.clip_chosen.connect(model.open_clip)

    def _render(self) -> None:
        state = self._viewmodel.state
        self._pages.setCurrentIndex(1 if state.has_cameras else 0)
        self._parts.setCurrentIndex(int(state.step))
        self.steps[state.step].setChecked(True)
        self._render_frame(state)
        self.consent.show_state(state)
        self.clips.show_state(state)
        self.labelling.panel.show_clips(state.waiting, state.chosen)
        self.labelling.show_comparison(state.comparison, state.busy)
        self.results.show_state(state)

    def _render_frame(self, state: ValidationState) -> None:
        self.kept.setText(state.kept)
        self._storage_bar.setVisible(bool(state.kept))
        self.failure.show_failure(state.problem, state.remedy, "")
        self._work.show_job(state.busy, done=0, total=0, can_stop=True)

    def _on_step_chosen(self, step: ValidationStep) -> None:
        self._viewmodel.show_step(step)
        if step is ValidationStep.LABEL:
            self.labelling.take_focus()
