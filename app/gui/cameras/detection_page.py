"""The dialog for a camera's detection: network, frames a second, score of a new track."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QLabel, QPushButton, QWidget

from analytics.domain.camera import MAX_NEW_TRACK_SCORE, MIN_NEW_TRACK_SCORE, NEW_TRACK_SCORE
from app.gui.cameras.detection_model import DetectionViewModel
from app.gui.session.theme import current_theme
from app.gui.session.translation import display_name, tr
from app.gui.widgets.forms import set_style_property
from app.gui.widgets.layouts import fill, make_column, make_row, name_button, show_text, style_labels
from app.gui.widgets.number_field import NumberField

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
        self.cost, self.message, self._about_model, self._about_score = (QLabel(self) for _ in range(4))
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
        style_labels("", self.cost, self.message)
        self.message.setProperty("role", "bad")
        name_button(self.measure, tr("Measure again"), tr("Measure the network again on this machine"))
        name_button(self.use, tr("Apply"), tr("Use from the next start of the recording on"))
        name_button(self.cancel, tr("Cancel"))
        self.use.setProperty("role", "primary")
        for button in (self.measure, self.use, self.cancel):
            button.setAutoDefault(False)
        column = self._column
        fill(column, form, self.cost, self._about_model, self._about_score, self.message, 1)
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
