"""The findings page: what visitors show about the layout, what matters most first."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.gui.theme import current_theme
from app.gui.translation import tr, trn
from app.gui.viewmodels.findings import FindingsPhase, FindingsState, FindingsViewModel
from app.gui.viewmodels.findings_words import LayoutFindingRow
from app.gui.views.finding_decision import FindingDecisionDialog
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.failure_note import FailureNote
from app.gui.widgets.layout_finding_card import LayoutFindingCard
from app.gui.widgets.place_sketch import PlaceSketch
from app.gui.widgets.work_row import WorkRow
from app.operations.view_link import Shown, ViewLink


class FindingsView(QWidget):
    """Renders a `FindingsState`; every choice goes to the view-model."""

    link_opened = Signal(object)
    """``ViewLink`` of the view that shows a finding."""

    def __init__(self, viewmodel: FindingsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._rendered: tuple[object, ...] = ()
        self._empty_action: Callable[[], None] = viewmodel.compute
        self.headline, self.summary = QLabel(), QLabel()
        self.kinds = QComboBox()
        self.again = QPushButton()
        self.work = WorkRow()
        self.failure = FailureNote()
        self.empty = EmptyPage("findings")
        self.empty.add_button(self._do_empty_action, is_primary=True)
        self.cards: list[LayoutFindingCard] = []
        self._column = QVBoxLayout()
        self._pages = QStackedWidget()
        self._build()
        viewmodel.state_changed.connect(self._render)
        self.kinds.activated.connect(lambda _index: viewmodel.select_kind(self.kinds.currentData()))
        self.again.clicked.connect(viewmodel.compute)
        self.work.stop_requested.connect(viewmodel.cancel)
        self.retranslate()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self.kinds.setAccessibleName(tr("Kind of finding"))
        self.again.setText(tr("Look again"))
        self.again.setAccessibleName(tr("Look for findings again"))
        self._rendered = ()
        self._viewmodel.refresh()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language and the theme."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Look for findings when somebody looks."""
        super().showEvent(event)
        self._viewmodel.set_watched(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Look for nothing when nobody looks."""
        super().hideEvent(event)
        self._viewmodel.set_watched(False)

    def _build(self) -> None:
        theme = current_theme()
        self.headline.setProperty("role", "title")
        self.summary.setProperty("role", "muted")
        self.kinds.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        texts = QVBoxLayout()
        texts.setSpacing(theme.space_xs)
        for label in (self.headline, self.summary):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            texts.addWidget(label)
        # it takes the place of the sentence while something is looked for
        policy = self.work.sizePolicy()
        policy.setRetainSizeWhenHidden(False)
        self.work.setSizePolicy(policy)
        texts.addWidget(self.work)
        head = QHBoxLayout()
        head.setSpacing(theme.space_m)
        head.addLayout(texts, 1)
        head.addWidget(self.kinds)
        head.addWidget(self.again)
        content = QWidget()
        content.setAutoFillBackground(False)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, theme.space_s, 0)
        self._column.setSpacing(theme.space_m)
        column.addLayout(self._column)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(content)
        scroll.viewport().setAutoFillBackground(False)
        found = QWidget()
        page = QVBoxLayout(found)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(theme.space_m)
        page.addLayout(head)
        page.addWidget(self.failure)
        page.addWidget(scroll, 1)
        self._pages.addWidget(found)
        self._pages.addWidget(self.empty)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, theme.space_m)
        outer.addWidget(self._pages)

    def _render(self) -> None:
        state = self._viewmodel.state
        is_computing = state.phase is FindingsPhase.COMPUTING
        self.work.show_work(
            tr("Looking for findings") if is_computing else "",
            done=state.progress or 0.0,
            total=0.0 if state.progress is None else 1.0,
            can_stop=True,
        )
        self.summary.setVisible(not is_computing)
        self.again.setEnabled(not is_computing)
        fault = None if state.fault is None else state.fault.tell_again(tr)
        self.failure.show_failure(
            "" if fault is None else fault.problem, "" if fault is None else fault.remedy, ""
        )
        self._render_emptiness(state)
        self._render_head(state)
        shown = (state.rows, state.dismissed, state.looked_at, state.phase)
        if shown != self._rendered:
            self._rendered = shown
            self._render_cards(state)

    def _render_emptiness(self, state: FindingsState) -> None:
        match state.phase:
            case FindingsPhase.NOTHING_OBSERVED:
                has_history = state.history is not None
                self._empty_action = self._viewmodel.show_last_observed_day
                self.empty.show_texts(
                    tr("Nothing was observed in this period"),
                    tr("Choose a time in which the cameras were analysed.")
                    if has_history
                    else tr("Start the recording, or analyse a recording into this venue."),
                    tr("Show the last observed day") if has_history else "",
                )
            case FindingsPhase.CANCELLED:
                self._empty_action = self._viewmodel.compute
                self.empty.show_texts(
                    tr("Stopped before anything was found out"),
                    tr("Look again whenever you like."),
                    tr("Look again"),
                )
            case FindingsPhase.READY if not state.zones and not state.rows:
                self._empty_action = self._open_plan_editor
                self.empty.show_texts(
                    tr("No zones are drawn yet"),
                    tr("Draw zones on the plan; the past is searched anew."),
                    tr("Edit the plan"),
                )
            case _:
                self._pages.setCurrentIndex(0)
                return
        self._pages.setCurrentIndex(1)

    def _open_plan_editor(self) -> None:
        self.link_opened.emit(ViewLink(Shown.EDIT_PLAN))

    def _do_empty_action(self) -> None:
        self._empty_action()

    def _render_head(self, state: FindingsState) -> None:
        if state.phase is FindingsPhase.READY:
            self.headline.setText(
                trn("{n} finding", "{n} findings", state.count)
                if state.count
                else tr("Nothing was found that has to be told")
            )
        elif not state.rows:
            self.headline.setText(tr("Findings"))
        self.summary.setText(
            tr("What visitors show about the layout; what costs or gains most a day comes first.")
        )
        self.kinds.blockSignals(True)
        self.kinds.clear()
        self.kinds.addItem(tr("All kinds"), None)
        for value, name in state.kinds:
            self.kinds.addItem(name, value)
        self.kinds.setCurrentIndex(max(0, self.kinds.findData(state.kind)))
        self.kinds.blockSignals(False)
        self.kinds.setVisible(len(state.kinds) > 1)

    def _render_cards(self, state: FindingsState) -> None:
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.cards = []
        for row in state.rows:
            self._add(self._make_card(row, state))
        if state.dismissed:
            self._add_title(tr("Dismissed"))
            for row in state.dismissed:
                self._add(self._make_card(row, state))
        if state.looked_at:
            self._add_title(tr("What was looked at"))
            for sentence in state.looked_at:
                label = QLabel(sentence)
                label.setProperty("role", "muted")
                label.setWordWrap(True)
                label.setTextFormat(Qt.TextFormat.PlainText)
                self._add(label)

    def _add(self, widget: QWidget) -> None:
        self._column.addWidget(widget)
        # at once, so that a button of it can take the focus
        widget.show()

    def _add_title(self, text: str) -> None:
        title = QLabel(text)
        title.setProperty("role", "title")
        self._add(title)

    def _make_card(self, row: LayoutFindingRow, state: FindingsState) -> LayoutFindingCard:
        assert state.plan is not None
        card = LayoutFindingCard(
            sketch=PlaceSketch(
                plan=state.plan,
                zones=state.zones,
                marked=row.finding.zone,
                point_m=row.finding.point_m,
            ),
            tone=row.tone,
            kind=row.kind_name,
            what=row.what,
            impact=row.impact,
            why=row.why,
            hours=row.hours,
            advice=row.advice,
            method=row.method,
            decided=row.decided,
            is_dismissed=row.decision.is_dismissed,
            can_compare=row.comparison is not None,
        )
        card.show_asked.connect(partial(self.link_opened.emit, row.link))
        if row.comparison is not None:
            card.comparison_asked.connect(partial(self.link_opened.emit, row.comparison))
        card.decision_asked.connect(partial(self._ask_for_decision, row))
        card.take_back_asked.connect(partial(self._viewmodel.take_back, row.decision))
        self.cards.append(card)
        return card

    def _ask_for_decision(self, row: LayoutFindingRow) -> None:
        dialog = FindingDecisionDialog(
            row.decision, what=row.what, today=self._viewmodel.find_today().date(), parent=self
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(partial(self._on_decided, dialog))
        dialog.open()

    def _on_decided(self, dialog: FindingDecisionDialog, result: int) -> None:
        if result == QDialog.DialogCode.Accepted:
            self._viewmodel.decide(dialog.decision)
