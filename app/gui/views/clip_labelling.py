"""The player in which a clip is labelled by keys and clicks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.clip_labelling import ClipLabellingViewModel
from app.gui.viewmodels.clip_labelling_state import ClipLabellingState
from app.gui.viewmodels.clip_playback import SPEEDS
from app.gui.views.clip_labels_panel import ClipLabelsPanel
from app.gui.widgets.clip_canvas import ClipCanvas
from app.gui.widgets.clip_timeline import ClipTimeline

_SECOND_S = 1.0
_NO_FRAME_WH = (16, 9)


class ClipLabellingView(QWidget):
    """Renders a `ClipLabellingState`; every key works wherever the focus is, but in lists and fields."""

    next_asked = Signal()
    """Somebody has seen how the clip compares, and wants the next one."""

    def __init__(self, viewmodel: ClipLabellingViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._shown: tuple[object, ...] = ()
        self.canvas, self.timeline = ClipCanvas(), ClipTimeline()
        self.panel = ClipLabelsPanel(viewmodel)
        self.play, self.back, self.forward = (QToolButton() for _ in range(3))
        self.undo, self.redo = QToolButton(), QToolButton()
        self.speed = QComboBox()
        self.title, self.position, self.message, self._keys_words = (QLabel() for _ in range(4))
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        """Take the window's language."""
        for button, text, name in (
            (self.back, "◂", tr("One picture back (Left)")),
            (self.forward, "▸", tr("One picture on (Right)")),
            (self.undo, tr("Undo"), tr("Take the last label back (Ctrl+Z)")),
            (self.redo, tr("Redo"), tr("Make it again (Ctrl+Shift+Z)")),
        ):
            button.setText(text)
            button.setToolTip(name)
            button.setAccessibleName(name)
        self.speed.clear()
        for speed in SPEEDS:
            self.speed.addItem(tr("{speed:g}×", speed=speed), speed)
        self.speed.setToolTip(tr("Speed (Up, Down)"))
        self.speed.setAccessibleName(tr("Speed (Up, Down)"))
        self.timeline.setAccessibleName(tr("Moment in the clip"))
        self.canvas.setAccessibleName(tr("Picture of the clip"))
        keys = tr(
            "Space plays · Left, Right: one picture, with Shift a second · Up, Down: speed · 1 to 9 choose a "
            "line, I and O: somebody goes in or out · H counts people · Z chooses a zone, Enter: the visitor "
            "enters or leaves · Page keys: labels · F finishes · N: nothing here"
        )
        self._keys_words.setText(keys)
        self.canvas.setAccessibleDescription(
            keys + " · " + tr("while people are counted, Alt and arrow keys move a cross, Space marks there")
        )
        self.panel.retranslate()
        self._shown = ()
        self._render()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Label, or move in the clip."""
        if self._viewmodel.state.has_clip and (self._press_label_key(event) or self._press_move_key(event)):
            event.accept()
        else:
            super().keyPressEvent(event)

    def show_comparison(self, sentences: tuple[str, ...], busy: str) -> None:
        """Say what the system counted, once the clip is finished."""
        self.panel.show_comparison(sentences, busy)

    def take_focus(self) -> None:
        """Let the keys work."""
        self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _build(self) -> None:
        theme = current_theme()
        card = QFrame()
        card.setProperty("role", "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(theme.space_m, theme.space_s, theme.space_m, theme.space_s)
        column.setSpacing(theme.space_s)
        head, tools = QHBoxLayout(), QHBoxLayout()
        self.title.setProperty("role", "title")
        for label in (self.position, self._keys_words):
            label.setProperty("role", "small")
        self.message.setProperty("role", "banner")
        self.message.setProperty("tone", "bad")
        self.message.setMargin(theme.space_xs)
        for label in (self.message, self._keys_words):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        head.addWidget(self.title, 1)
        head.addWidget(self.position)
        tools.setSpacing(theme.space_xs)
        for button in (self.play, self.back, self.forward, self.undo, self.redo):
            button.setProperty("role", "button")
            # a click leaves the focus in the picture, where the keys are
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for widget in (self.back, self.play, self.forward, self.speed):
            tools.addWidget(widget)
        tools.addWidget(self.timeline, 1)
        for widget in (self.undo, self.redo):
            tools.addWidget(widget)
        column.addLayout(head)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.message)
        column.addLayout(tools)
        column.addWidget(self._keys_words)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space_m)
        row.addWidget(card, 1)
        row.addWidget(self.panel)

    def _bind(self) -> None:
        model, playback = self._viewmodel, self._viewmodel.playback
        model.state_changed.connect(self._render)
        self.canvas.clicked.connect(model.click)
        self.timeline.sought.connect(lambda index: playback.step(index - playback.index))
        self.play.clicked.connect(playback.toggle)
        self.back.clicked.connect(lambda: playback.step(-1))
        self.forward.clicked.connect(lambda: playback.step(1))
        self.undo.clicked.connect(model.undo)
        self.redo.clicked.connect(model.redo)
        self.speed.activated.connect(lambda row: playback.set_speed(self.speed.itemData(row)))
        self.panel.next_asked.connect(self.next_asked)
        self.panel.label_chosen.connect(self.take_focus)

    def _render(self) -> None:
        state = self._viewmodel.state
        self._render_picture(state)
        self.canvas.show_figures(state.figures, state.chosen_ref)
        self.canvas.show_marks(state.marks, is_counting=state.is_counting)
        self.timeline.show_pictures(state.index, state.count, state.label_indexes)
        self.timeline.setAccessibleDescription(state.position)
        self.title.setText(state.title)
        self.position.setText(state.position)
        self.message.setText(state.message)
        self.message.setVisible(bool(state.message))
        self.play.setText("❚❚" if state.is_playing else "▶")
        name = tr("Stop (Space)") if state.is_playing else tr("Play (Space)")
        self.play.setToolTip(name)
        self.play.setAccessibleName(name)
        self.speed.setCurrentIndex(SPEEDS.index(state.speed))
        for button in (self.play, self.back, self.forward):
            button.setEnabled(state.has_clip)
        self.timeline.setEnabled(state.has_clip)
        self.undo.setEnabled(state.can_undo)
        self.redo.setEnabled(state.can_redo)
        self.panel.show_state(state)

    def _render_picture(self, state: ClipLabellingState) -> None:
        words = "" if state.frame is not None else tr("No clip is chosen. Clips that wait are in the list.")
        shown = (state.frame, state.frame_wh, words)
        if shown != self._shown:
            self._shown = shown
            jpeg = b"" if state.frame is None else state.frame.jpeg
            self.canvas.show_picture(jpeg, state.frame_wh or _NO_FRAME_WH, words=words)

    def _press_move_key(self, event: QKeyEvent) -> bool:
        key, playback = event.key(), self._viewmodel.playback
        is_long = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key == Qt.Key.Key_Space:
            playback.toggle()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            way = 1 if key == Qt.Key.Key_Right else -1
            if is_long:
                playback.step_seconds(way * _SECOND_S)
            else:
                playback.step(way)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            playback.change_speed(1 if key == Qt.Key.Key_Up else -1)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            playback.step(-playback.count if key == Qt.Key.Key_Home else playback.count)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._viewmodel.jump_to_next_label(1 if key == Qt.Key.Key_PageDown else -1)
        else:
            return False
        return True

    def _press_label_key(self, event: QKeyEvent) -> bool:
        key, model = event.key(), self._viewmodel
        is_shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return self._press_undo_key(key, is_shifted)
        if Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            model.choose_line(key - Qt.Key.Key_0)
            return True
        acts: dict[int, Callable[[], None]] = {
            Qt.Key.Key_I: partial(model.cross, "in"),
            Qt.Key.Key_O: partial(model.cross, "out"),
            Qt.Key.Key_Return: partial(model.pass_zone_edge, was_inside=is_shifted),
            Qt.Key.Key_Enter: partial(model.pass_zone_edge, was_inside=is_shifted),
            Qt.Key.Key_H: model.begin_heads,
            Qt.Key.Key_Z: model.choose_next_zone,
            Qt.Key.Key_N: model.say_nothing_here,
            Qt.Key.Key_F: self.next_asked.emit if model.state.is_finished else model.finish,
        }
        if key in acts:
            acts[key]()
        return key in acts

    def _press_undo_key(self, key: int, is_shifted: bool) -> bool:
        if key == Qt.Key.Key_Y or (key == Qt.Key.Key_Z and is_shifted):
            self._viewmodel.redo()
        elif key == Qt.Key.Key_Z:
            self._viewmodel.undo()
        return key in (Qt.Key.Key_Z, Qt.Key.Key_Y)
