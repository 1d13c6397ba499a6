"""Beside the player: which clip, line and zone, the labels so far, and the end of the clip."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.clip_labelling import ClipLabellingViewModel
from app.gui.viewmodels.clip_labelling_state import ClipLabellingState
from app.gui.widgets.choice_list import ChoiceList

_WIDTH_PX = 296
SKIP_REASONS = {
    "dark": "too dark or blurred to see who is there",
    "hidden": "something hides the line or the zone",
    "frozen": "the picture stands still or is torn",
    "crowd": "too many people to tell apart",
    "other": "another reason",
}
"""Words that are kept, and what is shown for them."""


class ClipLabelsPanel(QFrame):
    """Renders the side of a `ClipLabellingState`."""

    clip_chosen = Signal(str)
    """A clip of the list that waits."""
    next_asked = Signal()
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
        """Take the window's language."""
        self._clips_words.setText(tr("Clip"))
        self._lines_words.setText(tr("Line"))
        self._zone_words.setText(tr("Zone"))
        self._labels_words.setText(tr("Labels"))
        self.counts_lines.setText(tr("Every crossing in this clip is labelled"))
        for control, name in (
            (self.clips, tr("Clip")),
            (self.line, tr("Line")),
            (self.zone, tr("Zone")),
            (self.rows, tr("Labels")),
            (self.counts_lines, self.counts_lines.text()),
            (self.skip, tr("Skip this clip, with a reason")),
        ):
            control.setAccessibleName(name)
        self.skip.clear()
        self.skip.addItem(tr("Skip because …"), "")
        for value, words in SKIP_REASONS.items():
            self.skip.addItem(tr(words), value)
        for button, text, name in (
            (self.entered, tr("In (I)"), tr("Somebody goes in across the line now (I)")),
            (self.left, tr("Out (O)"), tr("Somebody goes out across the line now (O)")),
            (self.remove, tr("Remove"), tr("Remove the chosen label (Del)")),
            (self.finish, tr("Finish (F)"), tr("Everything in this clip is labelled (F)")),
            (self.nothing, tr("Nothing here (N)"), tr("Nobody crosses a line, and nobody is in view (N)")),
            (self.next, tr("Next clip (F)"), tr("Remove this clip's pictures, and label the next one (F)")),
        ):
            button.setText(text)
            button.setToolTip(name)
            button.setAccessibleName(name)
        self.show_state(self._viewmodel.state)

    def show_clips(self, choices: tuple[tuple[str, str], ...], chosen: str) -> None:
        """Show which clips wait, and which one is looked at."""
        if choices != self._clip_choices:
            self._clip_choices = choices
            self.clips.clear()
            for value, words in choices:
                self.clips.addItem(words, value)
        self.clips.setCurrentIndex(self.clips.findData(chosen))
        self.clips.setEnabled(bool(choices))

    def show_comparison(self, sentences: tuple[str, ...], busy: str) -> None:
        """Say what the system counted in the clip that was finished."""
        is_finished = self._viewmodel.state.is_finished
        self.comparison.setText("\n".join(sentences) or busy)
        self.comparison.setVisible(is_finished and bool(sentences or busy))

    def show_state(self, state: ClipLabellingState) -> None:
        """Show the labels of the clip."""
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
            (self.nothing, state.can_say_nothing),
        ):
            control.setEnabled(can_label and is_possible)
        self.counts_lines.setChecked(state.counts_lines and bool(state.lines))
        edge = tr("Leaves (Enter)") if state.following else tr("Enters (Enter)")
        heads = tr("Count people at {moment} (H)", moment=state.count_at) if state.count_at else ""
        for button, text in ((self.edge, edge), (self.heads, heads or tr("Count people (H)"))):
            button.setText(text)
            button.setAccessibleName(text)
        self.edge.setToolTip(tr("With Shift: the visitor was inside when the clip began"))
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
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space_m, theme.space_s, theme.space_m, theme.space_m)
        column.setSpacing(theme.space_xs)
        for label in (self._clips_words, self._lines_words, self._zone_words, self._labels_words):
            label.setProperty("role", "small")
        self.following.setProperty("role", "good")
        self.todo.setProperty("role", "small")
        self.comparison.setProperty("role", "banner")
        self.comparison.setProperty("tone", "good")
        self.comparison.setMargin(theme.space_s)
        for label in (self.following, self.todo, self.comparison):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
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
        column.addLayout(named)
        column.addLayout(crossings)
        column.addWidget(self.counts_lines)
        column.addWidget(self.heads)
        through = QHBoxLayout()
        through.setSpacing(theme.space_s)
        through.addWidget(self._zone_words)
        through.addWidget(self.zone, 1)
        through.addWidget(self.edge)
        column.addLayout(through)
        column.addWidget(self.following)
        labels = QHBoxLayout()
        labels.addWidget(self._labels_words, 1)
        labels.addWidget(self.remove)
        column.addLayout(labels)
        column.addWidget(self.rows, 1)
        for widget in (self.todo, self.comparison):
            column.addWidget(widget)
        column.addLayout(ends)
        column.addWidget(self.next)
        column.addWidget(self.skip)

    def _bind(self) -> None:
        model = self._viewmodel
        self.clips.activated.connect(lambda row: self.clip_chosen.emit(self.clips.itemData(row)))
        self.line.activated.connect(lambda row: model.choose_line_named(self.line.itemData(row)))
        self.zone.activated.connect(lambda row: model.choose_zone(self.zone.itemData(row)))
        self.counts_lines.clicked.connect(self._on_counts_lines_clicked)
        # not merely by the focus: who goes through the controls by Tab stays where they are in the clip
        self.rows.itemClicked.connect(self._on_row_chosen)
        self.rows.itemActivated.connect(self._on_row_activated)
        self.entered.clicked.connect(lambda: model.cross("in"))
        self.left.clicked.connect(lambda: model.cross("out"))
        self.edge.clicked.connect(lambda _on: model.pass_zone_edge())
        self.heads.clicked.connect(model.begin_heads)
        self.remove.clicked.connect(self._on_remove_asked)
        self.finish.clicked.connect(model.finish)
        self.nothing.clicked.connect(model.say_nothing_here)
        self.next.clicked.connect(self.next_asked)
        self.skip.activated.connect(self._on_skip_chosen)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.rows)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self._on_remove_asked)

    def _on_counts_lines_clicked(self, is_on: bool) -> None:
        self._viewmodel.count_lines(is_on)
        self.show_state(self._viewmodel.state)

    def _on_row_chosen(self, item: QListWidgetItem) -> None:
        self._viewmodel.jump_to(int(item.data(Qt.ItemDataRole.UserRole)))

    def _on_row_activated(self, item: QListWidgetItem) -> None:
        self._on_row_chosen(item)
        self.label_chosen.emit()

    def _on_remove_asked(self) -> None:
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
        box.clear()
        for value, words in choices:
            box.addItem(words, value)
    box.setCurrentIndex(box.findData(chosen))
