"""Show the checks of machine, venue and cameras with their remedies."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.gui.doctor.model import DoctorState, DoctorViewModel, FindingRow, TopicRows
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.failure_note import FailureNote
from app.gui.widgets.forms import name_control
from app.gui.widgets.icons import show_icon
from app.gui.widgets.layouts import fill, make_column, make_row
from app.gui.widgets.work_row import ProgressBar

_ICON_PX = 20
_VERDICT_PX = 112


def draw_tone_icon(label: QLabel, icon: str, tone: str) -> None:
    """Show an icon in the colour of a tone: ``bad``, ``warning``, ``good`` or ``muted``."""
    theme = current_theme()
    colour = {"bad": theme.bad, "warning": theme.warning, "good": theme.good}.get(tone, theme.text_muted)
    show_icon(label, icon, colour, _ICON_PX)


class FindingCard(Translated, QFrame):
    action_chosen = Signal()

    def __init__(
        self,
        *,
        verdict: str,
        tone: str,
        icon: str,
        subject: str,
        text: str,
        remedy: str,
        action: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        theme = current_theme()
        self._icon_name, self._tone = icon, tone
        self._icon = QLabel(self)
        verdict_label = QLabel(verdict, self)
        verdict_label.setProperty("role", tone)
        verdict_label.setFixedWidth(_VERDICT_PX)
        verdict_label.setWordWrap(True)
        self.button = QPushButton(action, self)
        # several cards have the same button
        self.button.setAccessibleName(tr("{name}: {value}", name=action, value=subject) if action else "")
        self.button.setVisible(bool(action))
        self.button.clicked.connect(self.action_chosen)
        texts = make_column(spacing=theme.space_xs)
        for sentence, role in ((text, ""), (remedy, "muted")):
            if sentence:
                label = QLabel(sentence, self)
                label.setProperty("role", role)
                label.setWordWrap(True)
                label.setTextFormat(Qt.TextFormat.PlainText)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                texts.addWidget(label)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.space_xs, 0, theme.space_xs)
        row.setSpacing(theme.space_m)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(verdict_label, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName(tr("{name}: {value}", name=verdict, value=subject))
        self.setAccessibleDescription(f"{text} {remedy}".strip())
        self._recolour()

    def _recolour(self) -> None:
        draw_tone_icon(self._icon, self._icon_name, self._tone)


_PARTS = 1000
"""Resolution of the progress bar, which counts whole numbers."""
_REPORT_NAME = "expoflow-doctor.txt"


class DoctorView(Translated, QWidget):
    """The view of a `DoctorState`."""

    def __init__(self, viewmodel: DoctorViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._rendered = DoctorState()
        self._cards: dict[tuple[str, str], FindingCard] = {}
        self.empty = EmptyPage("doctor")
        self.headline, self.last_run, self.note = QLabel(), QLabel(), QLabel()
        self.run, self.stop, self.copy, self.save = (QPushButton() for _ in range(4))
        self.well = QCheckBox()
        self.progress = ProgressBar()
        self.failure = FailureNote()
        self._column = QVBoxLayout()
        self._scroll = QScrollArea()
        self._pages = QStackedWidget()
        self._build()
        self._bind()
        self.retranslate()

    def show_camera(self, name: str) -> None:
        for (subject, _rule), card in self._cards.items():
            if subject == name:
                self._scroll.ensureWidgetVisible(card)
                if card.button.isVisible():
                    card.button.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def retranslate(self) -> None:
        self.empty.show_texts(
            tr("No checks run yet"),
            tr(
                "The doctor checks this machine, its models and disk, the zones and lines, and opens "
                "every camera. It changes nothing."
            ),
            tr("Run the doctor"),
        )
        for button, text, name in (
            (self.run, tr("Check again"), tr("Run all checks again")),
            (self.stop, tr("Stop"), tr("Stop the checks")),
            (self.copy, tr("Copy"), tr("Copy the report without passwords")),
            (self.save, tr("Save as text"), tr("Save the report as text without passwords")),
        ):
            button.setText(text)
            button.setAccessibleName(name)
            button.setToolTip(name)
        name_control(self.well, tr("Show passed checks"))
        self.progress.setAccessibleName(tr("Progress"))
        self._viewmodel.refresh()
        self._render()

    def _build(self) -> None:
        theme = current_theme()
        self.empty.add_button(self._viewmodel.run, is_primary=True)
        self.headline.setProperty("role", "title")
        for label in (self.last_run, self.note):
            label.setProperty("role", "muted")
        for label in (self.headline, self.note):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.run.setProperty("role", "primary")
        self.progress.setTextVisible(False)
        head = make_row(spacing=theme.space_m)
        texts = fill(make_column(spacing=theme.space_xs), self.headline, self.last_run)
        head.addLayout(texts, 1)
        for tool in (self.well, self.copy, self.save, self.stop, self.run):
            head.addWidget(tool)
        content = QWidget()
        content.setAutoFillBackground(False)
        self._column.setContentsMargins(0, 0, theme.space_s, 0)
        self._column.setSpacing(theme.space_m)
        fill(make_column(content, margins=0), self._column, 1)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(content)
        self._scroll.viewport().setAutoFillBackground(False)
        found = QWidget()
        page = fill(make_column(found, margins=0, spacing=theme.space_m), head)
        for widget in (self.progress, self.failure, self.note):
            page.addWidget(widget)
        page.addWidget(self._scroll, 1)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(found)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, theme.space_m)
        outer.addWidget(self._pages)

    def _bind(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._render)
        self.run.clicked.connect(viewmodel.run)
        self.stop.clicked.connect(viewmodel.stop)
        self.well.toggled.connect(viewmodel.show_passed)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(viewmodel.write_report()))
        self.save.clicked.connect(self._on_save_clicked)

    def _render(self) -> None:
        state, was = self._viewmodel.state, self._rendered
        self._rendered = state
        self._pages.setCurrentIndex(1 if state.has_run else 0)
        self.headline.setText(state.headline)
        self.last_run.setText(state.last_run)
        self.note.setText(state.note)
        self.note.setVisible(bool(state.note))
        self.failure.show_failure(state.problem, state.remedy, "")
        had_focus = self.run.hasFocus() or self.stop.hasFocus()
        self.run.setVisible(not state.is_running)
        self.stop.setVisible(state.is_running)
        if had_focus:
            (self.stop if state.is_running else self.run).setFocus(Qt.FocusReason.OtherFocusReason)
        self.progress.setVisible(state.is_running)
        self.progress.setRange(0, 0 if state.share is None else _PARTS)
        self.progress.setValue(round(_PARTS * (state.share or 0.0)))
        for button in (self.copy, self.save):
            button.setEnabled(bool(state.topics))
        if state.topics != was.topics:
            self._render_topics(state.topics)

    def _render_topics(self, topics: tuple[TopicRows, ...]) -> None:
        focused = next((key for key, card in self._cards.items() if card.button.hasFocus()), None)
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._cards = {}
        for topic in topics:
            card = self._make_topic(topic)
            self._column.addWidget(card)
            # shown at once, so that its buttons can take the focus
            card.show()
        if focused in self._cards:
            self._cards[focused].button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _make_topic(self, topic: TopicRows) -> QFrame:
        theme = current_theme()
        card = QFrame()
        card.setProperty("role", "card")
        icon, title, summary = _ToneIcon(topic.icon, topic.tone), QLabel(topic.title), QLabel(topic.summary)
        title.setProperty("role", "title")
        summary.setProperty("role", "muted")
        head = fill(make_row(spacing=theme.space_m), icon, title, (summary, 1))
        column = QVBoxLayout(card)
        column.setContentsMargins(theme.space_m, theme.space_s, theme.space_m, theme.space_s)
        column.setSpacing(theme.space_xs)
        column.addLayout(head)
        for row in topic.rows:
            column.addWidget(self._make_row(row))
        return card

    def _make_row(self, row: FindingRow) -> FindingCard:
        card = FindingCard(
            verdict=row.verdict,
            tone=row.tone,
            icon=row.icon,
            subject=row.subject,
            text=row.text,
            remedy=row.remedy,
            action=row.action,
        )
        card.action_chosen.connect(partial(self._viewmodel.fix, row.finding))
        self._cards.setdefault((row.finding.name, row.finding.rule), card)
        return card

    def _on_save_clicked(self) -> None:
        file, _kind = QFileDialog.getSaveFileName(self, tr("Save as text"), _REPORT_NAME, "*.txt")
        if file:
            self._viewmodel.save_report(Path(file))


class _ToneIcon(Translated, QLabel):
    """An icon in the theme's colours."""

    def __init__(self, icon: str, tone: str) -> None:
        super().__init__()
        self._icon, self._tone = icon, tone
        draw_tone_icon(self, icon, tone)

    def _recolour(self) -> None:
        draw_tone_icon(self, self._icon, self._tone)
