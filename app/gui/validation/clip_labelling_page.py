"""The player in which clips are labelled by keys and clicks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QShortcut,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidgetItem,
    QPushButton,
    QSlider,
    QToolButton,
    QWidget,
)

from app.cameras.pictured_shapes import PicturedRef, PicturedShape
from app.gui.canvas.camera_picture_items import PictureCanvas, PicturedShapesItem, PictureItem
from app.gui.canvas.scene_item import SceneItem
from app.gui.canvas.zoomed_view import ARROWS_Y_DOWN
from app.gui.session.theme import DARK, current_theme
from app.gui.session.translation import tr
from app.gui.validation.clip_labelling_model import SPEEDS, ClipLabellingState, ClipLabellingViewModel
from app.gui.widgets.choice_list import ChoiceList
from app.gui.widgets.layouts import (
    fill,
    fill_combo_box_values,
    make_column,
    make_open_card,
    make_row,
    name_buttons,
    set_roles,
    style_labels,
)
from app.plan.floor_scene import Point

MAX_ZOOM = 12.0
POINTER_STEP_PX, LONG_STEP_PX = 2.0, 20.0
_CLICK_PX = 5.0
_FOOT_PX = 6.0


class ClipCanvas(PictureCanvas):
    """The clip canvas; other keys are passed on to the page."""

    clicked = Signal(object)
    """A `Point` at a person's feet, by a click, or by Space at the keyboard pointer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._shapes, self._marks = PicturedShapesItem(), _MarksItem()
        super().__init__(
            PictureItem(),
            [self._shapes, self._marks],
            parent,
            margin_px=4,
            max_zoom=MAX_ZOOM,
            min_wh=(320, 200),
        )
        self._is_counting = False
        self._pressed_at: QPointF | None = None
        self._has_moved = False

    @property
    def pointer(self) -> Point | None:
        """Keyboard pointer while heads are counted."""
        return self._marks.pointer

    def show_jpeg(self, jpeg: bytes, frame_wh: tuple[int, int], *, words: str = "") -> None:
        """Show a JPEG file; empty for none."""
        self.show_image(QImage.fromData(jpeg) if jpeg else QImage(), frame_wh, words=words)

    def show_shapes(self, shapes: Sequence[PicturedShape], chosen: PicturedRef | None) -> None:
        """Show zones and lines; the selected one is bold."""
        self._shapes.set_shapes(shapes, chosen, self.content_rect)

    def show_marks(self, marks: Sequence[Point], *, is_counting: bool) -> None:
        """Show clicked feet; while counting, with the cross of the keyboard pointer."""
        if is_counting and not self._is_counting:
            middle = self.content_rect.center()
            self._marks.pointer = (middle.x(), middle.y())
        elif not is_counting:
            self._marks.pointer = None
        self._is_counting = is_counting
        shape = Qt.CursorShape.CrossCursor if is_counting else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        self._marks.set_marks(marks, self.sceneRect())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._pressed_at, self._has_moved = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._pressed_at is None:
            return
        moved = event.position() - self._pressed_at
        self._has_moved = self._has_moved or moved.manhattanLength() > _CLICK_PX
        if self._has_moved and not self.is_fitted:
            self.pan_by(-moved.x(), -moved.y())
            self._pressed_at = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        was_click = self._pressed_at is not None and not self._has_moved
        self._pressed_at = None
        at = self.map_to_content(event.position())
        if was_click and event.button() is Qt.MouseButton.LeftButton and self.content_rect.contains(at):
            self.clicked.emit((at.x(), at.y()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        # two people close together are clicked quickly
        self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if self._press_pointer_key(event) or self.press_zoom_key(event):
            event.accept()
        else:
            event.ignore()

    def _press_pointer_key(self, event: QKeyEvent) -> bool:
        pointer, key = self._marks.pointer, event.key()
        if pointer is None:
            return False
        if key == Qt.Key.Key_Space:
            self.clicked.emit(pointer)
            return True
        if key not in ARROWS_Y_DOWN or not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            return False
        right, down = ARROWS_Y_DOWN[key]
        is_long = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        length = LONG_STEP_PX if is_long else POINTER_STEP_PX
        rect = self.content_rect
        self._marks.pointer = (
            min(max(pointer[0] + length * right, rect.left()), rect.right()),
            min(max(pointer[1] + length * down, rect.top()), rect.bottom()),
        )
        self._marks.update()
        return True


class _MarksItem(SceneItem):
    """Numbered feet and the cross of the keyboard pointer, of constant size."""

    def __init__(self) -> None:
        super().__init__()
        self.pointer: Point | None = None
        self._marks: tuple[Point, ...] = ()
        self._bounds = QRectF(0, 0, 1, 1)
        self.setZValue(10)

    def set_marks(self, marks: Sequence[Point], bounds: QRectF) -> None:
        self.prepareGeometryChange()
        self._marks, self._bounds = tuple(marks), bounds
        self.update()

    def _draw(self, painter: QPainter) -> None:
        to_screen = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, mark in enumerate(self._marks, start=1):
            at = to_screen.map(QPointF(*mark))
            painter.setPen(QPen(QColor("#101722"), 1.5))
            painter.setBrush(QColor(DARK.accent))
            painter.drawEllipse(at, _FOOT_PX, _FOOT_PX)
            painter.setPen(QColor("#ffffff"))
            painter.drawText(at + QPointF(_FOOT_PX + 2, -_FOOT_PX), str(number))
        if self.pointer is not None:
            at = to_screen.map(QPointF(*self.pointer))
            for colour, width in ((QColor(0, 0, 0, 150), 4.0), (QColor(DARK.accent), 2.0)):
                painter.setPen(QPen(colour, width))
                painter.drawLine(at - QPointF(10, 0), at + QPointF(10, 0))
                painter.drawLine(at - QPointF(0, 10), at + QPointF(0, 10))
        painter.restore()


_WIDTH_PX = 296
SKIP_REASONS = {
    "dark": "too dark or blurred to see people",
    "hidden": "the line or zone is hidden",
    "frozen": "the picture is frozen or damaged",
    "crowd": "too many people to tell apart",
    "other": "another reason",
}
"""Stored reasons, with their translated texts."""


class ClipLabelsPanel(QFrame):
    """The side panel of a `ClipLabellingState`."""

    clip_chosen = Signal(str)
    """A waiting clip chosen in the list."""
    next_requested = Signal()
    label_chosen = Signal()

    def __init__(self, viewmodel: ClipLabellingViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._clips_words, self._lines_words, self._zone_words, self._labels_words = (
            QLabel() for _ in range(4)
        )
        self.clips, self.line, self.zone = QComboBox(), QComboBox(), QComboBox()
        self.counts_lines = QCheckBox()
        self.rows = ChoiceList()
        self.following, self.todo, self.comparison = QLabel(), QLabel(), QLabel()
        self.entered, self.left = QPushButton(), QPushButton()
        self.edge, self.heads, self.remove = QPushButton(), QPushButton(), QPushButton()
        self.finish, self.nothing, self.next = QPushButton(), QPushButton(), QPushButton()
        self.skip = QComboBox()
        self._clip_choices: tuple[tuple[str, str], ...] = ()
        self._build()
        self._bind()

    def retranslate(self) -> None:
        self._clips_words.setText(tr("Clip"))
        self._lines_words.setText(tr("Line"))
        self._zone_words.setText(tr("Zone"))
        self._labels_words.setText(tr("Labels"))
        self.counts_lines.setText(tr("Every crossing in this clip is labelled"))
        self.line.setPlaceholderText(tr("No line is wholly in view"))
        for control, name in (
            (self.clips, tr("Clip")),
            (self.line, tr("Line")),
            (self.zone, tr("Zone")),
            (self.rows, tr("Labels")),
            (self.counts_lines, self.counts_lines.text()),
            (self.skip, tr("Skip this clip, with a reason")),
        ):
            control.setAccessibleName(name)
        reasons = ((value, tr(words)) for value, words in SKIP_REASONS.items())
        fill_combo_box_values(self.skip, (("", tr("Skip because …")), *reasons))
        name_buttons(
            (self.entered, tr("In (I)"), tr("Someone crosses the line inwards now (I)")),
            (self.left, tr("Out (O)"), tr("Someone crosses the line outwards now (O)")),
            (self.remove, tr("Remove"), tr("Remove the selected label (Del)")),
            (self.finish, tr("Finish (F)"), tr("Everything in this clip is labelled (F)")),
            (self.nothing, tr("Nothing here (N)"), tr("No crossings, and no people in view (N)")),
            (self.next, tr("Next clip (F)"), tr("Remove this clip's pictures and label the next clip (F)")),
        )
        self.show_state(self._viewmodel.state)

    def show_clips(self, choices: tuple[tuple[str, str], ...], chosen: str) -> None:
        if choices != self._clip_choices:
            self._clip_choices = choices
            fill_combo_box_values(self.clips, choices)
        self.clips.setCurrentIndex(self.clips.findData(chosen))
        self.clips.setEnabled(bool(choices))

    def show_comparison(self, sentences: tuple[str, ...], busy: str) -> None:
        """Show the system's counts for the finished clip."""
        is_finished = self._viewmodel.state.is_finished
        self.comparison.setText("\n".join(sentences) or busy)
        self.comparison.setVisible(is_finished and bool(sentences or busy))

    def show_state(self, state: ClipLabellingState) -> None:
        _fill(self.line, state.lines, state.line)
        _fill(self.zone, state.zones, state.zone)
        can_label = state.has_clip and not state.is_finished
        for control, is_possible in (
            (self.line, bool(state.lines)),
            (self.zone, bool(state.zones) and not state.following),
            (self.counts_lines, bool(state.lines)),
            (self.entered, bool(state.lines)),
            (self.left, bool(state.lines)),
            (self.edge, bool(state.zones)),
            (self.heads, not state.is_counting),
            (self.remove, bool(state.rows)),
            (self.skip, True),
            (self.finish, True),
            (self.nothing, state.can_label_as_empty),
        ):
            control.setEnabled(can_label and is_possible)
        self.counts_lines.setChecked(state.counts_lines and bool(state.lines))
        edge = tr("Leaves (Enter)") if state.following else tr("Enters (Enter)")
        heads = tr("Count people at {moment} (H)", moment=state.count_at) if state.count_at else ""
        for button, text in ((self.edge, edge), (self.heads, heads or tr("Count people (H)"))):
            button.setText(text)
            button.setAccessibleName(text)
        self.edge.setToolTip(tr("With Shift: the visitor was already inside when the clip began"))
        choices = tuple((str(row.step), row.text) for row in state.rows)
        self.rows.show_choices(choices, "")
        self.following.setText(state.following)
        self.following.setVisible(bool(state.following))
        self.todo.setText(state.todo)
        self.todo.setVisible(can_label and bool(state.todo))
        self.finish.setVisible(not state.is_finished)
        self.nothing.setVisible(not state.is_finished)
        self.skip.setVisible(not state.is_finished)
        self.next.setVisible(state.is_finished)
        if not state.is_finished:
            self.comparison.hide()

    def _build(self) -> None:
        theme = current_theme()
        self.setProperty("role", "card")
        self.setFixedWidth(_WIDTH_PX)
        column = make_column(
            self, margins=(theme.space_m, theme.space_s, theme.space_m, theme.space_m), spacing=theme.space_xs
        )
        for label in (self._clips_words, self._lines_words, self._zone_words, self._labels_words):
            label.setProperty("role", "small")
        set_roles((self.following, "good"), (self.todo, "small"), (self.comparison, "banner"))
        self.comparison.setProperty("tone", "good")
        self.comparison.setMargin(theme.space_s)
        style_labels("", self.following, self.todo, self.comparison)
        for button in (self.finish, self.next):
            button.setProperty("role", "primary")
        for control in (
            *(self.clips, self.line, self.zone, self.skip, self.counts_lines),
            *(self.entered, self.left, self.edge, self.heads, self.remove),
            *(self.finish, self.nothing, self.next),
        ):
            # a click leaves the focus in the picture, where the keys are
            control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for box in (self.clips, self.line, self.zone, self.skip):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        crossings, ends = QHBoxLayout(), QHBoxLayout()
        for row, buttons in ((crossings, (self.entered, self.left)), (ends, (self.nothing, self.finish))):
            row.setSpacing(theme.space_xs)
            for button in buttons:
                row.addWidget(button, 1)
        named = QGridLayout()
        named.setHorizontalSpacing(theme.space_s)
        named.setColumnStretch(1, 1)
        named.addWidget(self._clips_words, 0, 0)
        named.addWidget(self.clips, 0, 1)
        named.addWidget(self._lines_words, 1, 0)
        named.addWidget(self.line, 1, 1)
        fill(column, named, crossings, self.counts_lines, self.heads)
        through = fill(make_row(spacing=theme.space_s), self._zone_words, (self.zone, 1), self.edge)
        fill(column, through, self.following)
        labels = fill(make_row(), (self._labels_words, 1), self.remove)
        fill(column, labels, (self.rows, 1), self.todo, self.comparison, ends, self.next, self.skip)

    def _bind(self) -> None:
        model = self._viewmodel
        self.clips.activated.connect(lambda row: self.clip_chosen.emit(self.clips.itemData(row)))
        self.line.activated.connect(lambda row: model.choose_line_named(self.line.itemData(row)))
        self.zone.activated.connect(lambda row: model.choose_zone(self.zone.itemData(row)))
        self.counts_lines.clicked.connect(self._on_counts_lines_clicked)
        # not by focus alone, so that moving through the controls by Tab keeps the position in the clip
        self.rows.itemClicked.connect(self._on_row_chosen)
        self.rows.itemActivated.connect(self._on_row_activated)
        self.entered.clicked.connect(lambda: model.cross("in"))
        self.left.clicked.connect(lambda: model.cross("out"))
        self.edge.clicked.connect(lambda _on: model.toggle_stay())
        self.heads.clicked.connect(model.start_head_count)
        self.remove.clicked.connect(self._on_remove_requested)
        self.finish.clicked.connect(model.finish)
        self.nothing.clicked.connect(model.label_as_empty)
        self.next.clicked.connect(self.next_requested)
        self.skip.activated.connect(self._on_skip_chosen)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.rows)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self._on_remove_requested)

    def _on_counts_lines_clicked(self, is_on: bool) -> None:
        self._viewmodel.count_lines(is_on)
        self.show_state(self._viewmodel.state)

    def _on_row_chosen(self, item: QListWidgetItem) -> None:
        self._viewmodel.jump_to(int(item.data(Qt.ItemDataRole.UserRole)))

    def _on_row_activated(self, item: QListWidgetItem) -> None:
        self._on_row_chosen(item)
        self.label_chosen.emit()

    def _on_remove_requested(self) -> None:
        item = self.rows.currentItem()
        if item is not None:
            self._viewmodel.remove(int(item.data(Qt.ItemDataRole.UserRole)))

    def _on_skip_chosen(self, row: int) -> None:
        reason = self.skip.itemData(row)
        self.skip.setCurrentIndex(0)
        if reason:
            self._viewmodel.skip(reason)


def _fill(box: QComboBox, choices: tuple[tuple[str, str], ...], chosen: str) -> None:
    known = tuple((box.itemData(row), box.itemText(row)) for row in range(box.count()))
    if known != choices:
        fill_combo_box_values(box, choices)
    box.setCurrentIndex(box.findData(chosen))


_EDGE_PX = 9
_TRACK_PX = 5
_HANDLE_PX = 7.0
_MARK_PX = 7.0


class ClipTimeline(QSlider):
    """A slider over the pictures, counted from 0."""

    sought = Signal(int)
    """The picture requested by the user."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._marks: tuple[int, ...] = ()
        self.setSingleStep(1)
        self.setPageStep(5)
        self.valueChanged.connect(self.sought)

    def show_pictures(self, index: int, count: int, marks: Sequence[int]) -> None:
        """Show a position; ``sought`` is not emitted."""
        blocker = QSignalBlocker(self)
        self.setRange(0, max(count - 1, 0))
        self.setValue(index)
        blocker.unblock()
        self._marks = tuple(marks)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(300, 28)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(90, 28)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() is Qt.MouseButton.LeftButton:
            self.setValue(self._find_value(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.setValue(self._find_value(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        theme, middle = current_theme(), self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        at = self._find_x(self.value())
        for colour, right in ((theme.border, self.width() - _EDGE_PX), (theme.accent, at)):
            painter.setBrush(QColor(colour))
            way = QRectF(_EDGE_PX, middle - _TRACK_PX / 2, right - _EDGE_PX, _TRACK_PX)
            painter.drawRoundedRect(way, _TRACK_PX / 2, _TRACK_PX / 2)
        painter.setPen(QPen(QColor(theme.warning), 2.5))
        for mark in self._marks:
            x = self._find_x(mark)
            painter.drawLine(QPointF(x, middle - _MARK_PX), QPointF(x, middle + _MARK_PX))
        painter.setPen(QPen(QColor(theme.text if self.hasFocus() else theme.surface), 2))
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(QPointF(at, middle), _HANDLE_PX, _HANDLE_PX)
        painter.end()

    def _find_x(self, value: int) -> float:
        length = self.width() - 2 * _EDGE_PX
        return _EDGE_PX + length * (value / self.maximum() if self.maximum() else 0.0)

    def _find_value(self, x: float) -> int:
        length = max(self.width() - 2 * _EDGE_PX, 1)
        return round(min(max((x - _EDGE_PX) / length, 0.0), 1.0) * self.maximum())


_SECOND_S = 1.0
_NO_FRAME_WH = (16, 9)


class ClipLabellingView(QWidget):
    """The labelling page; its keys work with any focus except in lists and fields."""

    next_requested = Signal()
    """Request for the next clip, after the comparison was read."""

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
        name_buttons(
            (self.back, "◂", tr("One frame back (Left)")),
            (self.forward, "▸", tr("One frame forward (Right)")),
            (self.undo, tr("Undo"), tr("Undo the last label (Ctrl+Z)")),
            (self.redo, tr("Redo"), tr("Redo (Ctrl+Shift+Z)")),
        )
        fill_combo_box_values(self.speed, ((speed, tr("{speed:g}×", speed=speed)) for speed in SPEEDS))
        self.speed.setToolTip(tr("Speed (Up, Down)"))
        self.speed.setAccessibleName(tr("Speed (Up, Down)"))
        self.timeline.setAccessibleName(tr("Position in the clip"))
        self.canvas.setAccessibleName(tr("Picture of the clip"))
        keys = tr(
            "Space: play · Left, Right: one frame, with Shift one second · Up, Down: speed · 1 "
            "to 9: line, I and O: person in or out · H: count people · Z: zone, Enter: visitor "
            "enters or leaves · Page keys: labels · F: finish · N: nothing here"
        )
        self._keys_words.setText(keys)
        self.canvas.setAccessibleDescription(
            keys
            + " · "
            + tr("while counting people, Alt and the arrow keys move a cross, Space marks a person")
        )
        self.panel.retranslate()
        self._shown = ()
        self._render()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if self._viewmodel.state.has_clip and (self._press_label_key(event) or self._press_move_key(event)):
            event.accept()
        else:
            super().keyPressEvent(event)

    def show_comparison(self, sentences: tuple[str, ...], busy: str) -> None:
        """Show the system's counts for the finished clip."""
        self.panel.show_comparison(sentences, busy)

    def take_focus(self) -> None:
        self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _build(self) -> None:
        theme = current_theme()
        card, column = make_open_card(
            (theme.space_m, theme.space_s, theme.space_m, theme.space_s), spacing=theme.space_s
        )
        head, tools = QHBoxLayout(), QHBoxLayout()
        self.title.setProperty("role", "title")
        for label in (self.position, self._keys_words):
            label.setProperty("role", "small")
        self.message.setProperty("role", "banner")
        self.message.setProperty("tone", "bad")
        self.message.setMargin(theme.space_xs)
        style_labels("", self.message, self._keys_words)
        fill(head, (self.title, 1), self.position)
        tools.setSpacing(theme.space_xs)
        for button in (self.play, self.back, self.forward, self.undo, self.redo):
            button.setProperty("role", "button")
            # a click leaves the focus in the picture, where the keys are
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        fill(tools, self.back, self.play, self.forward, self.speed, (self.timeline, 1), self.undo, self.redo)
        fill(column, head, (self.canvas, 1), self.message, tools, self._keys_words)
        fill(make_row(self, margins=0, spacing=theme.space_m), (card, 1), self.panel)

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
        self.panel.next_requested.connect(self.next_requested)
        self.panel.label_chosen.connect(self.take_focus)

    def _render(self) -> None:
        state = self._viewmodel.state
        self._render_picture(state)
        self.canvas.show_shapes(state.shapes, state.chosen_ref)
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
        words = "" if state.frame is not None else tr("No clip is selected. Waiting clips are in the list.")
        shown = (state.frame, state.frame_wh, words)
        if shown != self._shown:
            self._shown = shown
            jpeg = b"" if state.frame is None else state.frame.jpeg
            self.canvas.show_jpeg(jpeg, state.frame_wh or _NO_FRAME_WH, words=words)

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
            Qt.Key.Key_Return: partial(model.toggle_stay, was_inside=is_shifted),
            Qt.Key.Key_Enter: partial(model.toggle_stay, was_inside=is_shifted),
            Qt.Key.Key_H: model.start_head_count,
            Qt.Key.Key_Z: model.choose_next_zone,
            Qt.Key.Key_N: model.label_as_empty,
            Qt.Key.Key_F: self.next_requested.emit if model.state.is_finished else model.finish,
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
