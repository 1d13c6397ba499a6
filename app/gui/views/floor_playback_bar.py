"""Below the floor plan: plays its period, and moves to any moment of it."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.floor_playback import FloorPlaybackViewModel, Pace
from app.gui.widgets.observed_slider import ObservedSlider
from app.gui.widgets.shrinking_list import ShrinkingList

STEP_S = 60
PAGE_S = 900


class FloorPlaybackBar(QWidget):
    """One row; Space on the slider plays and pauses, the arrow keys go a minute on or back."""

    def __init__(self, viewmodel: FloorPlaybackViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.play, self.slider = QToolButton(), ObservedSlider()
        self.pace = ShrinkingList()
        self.moment, self.note = QLabel(), QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(current_theme().space_s)
        self.play.setProperty("role", "button")
        self.play.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.slider.setSingleStep(STEP_S)
        self.slider.setPageStep(PAGE_S)
        self.note.setProperty("role", "small")
        for widget, stretch in (
            (self.play, 0),
            (self.slider, 1),
            (self.moment, 0),
            (self.note, 0),
            (self.pace, 0),
        ):
            row.addWidget(widget, stretch)
        self.play.clicked.connect(self.toggle)
        self.slider.space_pressed.connect(self.toggle)
        self.slider.valueChanged.connect(self._on_moved)
        self.pace.activated.connect(lambda index: viewmodel.set_pace(Pace(self.pace.itemData(index))))

    def toggle(self) -> None:
        """Play or pause."""
        self._viewmodel.set_playing(not self._viewmodel.state.is_playing)

    def retranslate(self) -> None:
        """Take the window's language."""
        with QSignalBlocker(self.pace):
            self.pace.clear()
            self.pace.addItem(tr("1 min per second"), int(Pace.MINUTE))
            self.pace.addItem(tr("10 min per second"), int(Pace.TEN_MINUTES))
        self.pace.setAccessibleName(tr("How fast it is played"))
        self.pace.view().setAccessibleName(self.pace.accessibleName())
        self.slider.setAccessibleName(tr("Moment that is shown"))
        self.slider.setToolTip(tr("Space plays and pauses; the arrow keys go a minute, the page keys 15"))
        self.render_state()

    def render_state(self) -> None:
        """Show the view-model's state."""
        state = self._viewmodel.state
        self.setVisible(state.is_on)
        self.play.setText(tr("Pause") if state.is_playing else tr("Play"))
        self.play.setAccessibleName(self.play.text())
        if not state.is_on:
            return
        start_s, end_s = state.bounds_s
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, round(end_s - start_s))
            self.slider.setValue(round(state.at_s - start_s))
        self.slider.set_observed([(a - start_s, b - start_s) for a, b in state.observed])
        self.moment.setText(state.words)
        self.note.setText(state.note)
        with QSignalBlocker(self.pace):
            self.pace.setCurrentIndex(self.pace.findData(int(state.pace)))

    def _on_moved(self, value: int) -> None:
        self._viewmodel.move_to(self._viewmodel.state.bounds_s[0] + value)
