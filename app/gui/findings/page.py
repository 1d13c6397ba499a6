"""The findings page: findings about the layout, most important first."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from analytics.domain.errors import Phrase, fill_template
from analytics.findings.finding import FindingKind, LayoutFinding
from app.core.view_link import LinkTarget, ViewLink
from app.findings.finding_decisions import FindingDecision, FindingState
from app.findings.finding_text import (
    KIND_NAMES,
    REASONS,
    STATE_NAMES,
    describe_decision,
    describe_finding,
    describe_outcomes,
    name_past_finding,
)
from app.findings.findings_figures import FindingsResults, find_decision, link_comparison, link_finding
from app.gui.canvas.floor_plan_items import PlaceSketch
from app.gui.findings.model import FindingsState, FindingsViewModel
from app.gui.session.period_figures import PeriodPhase
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, display_name, join_sentences, tr, trn
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.failure_note import FailureNote
from app.gui.widgets.figure_list import InfoButton
from app.gui.widgets.layouts import fill, make_column, make_label, make_row
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.work_row import JobRow

_TONES: Mapping[FindingKind, str] = {FindingKind.BETTER_STAND: "good"}


@dataclass(frozen=True, slots=True)
class FindingCard:
    """A finding, or a decision about one that is not found any more, as it is shown.

    Attributes:
        sentences: below each other, each with the role of its label; empty ones are not shown.
        what: headline.
        details: what supports it, for screen readers.
        why: the sentence that ``explanation`` belongs to.
        link: page that shows it.
        comparison: before and after a change; None if not available.
    """

    finding: LayoutFinding | None
    decision: FindingDecision
    sentences: tuple[tuple[str, str], ...]
    what: str
    details: tuple[str, ...] = ()
    why: str = ""
    explanation: str = ""
    link: ViewLink | None = None
    comparison: ViewLink | None = None

    @property
    def kind(self) -> str:
        """Value of the kind of finding."""
        return self.decision.kind


def list_cards(found: FindingsResults, *, time_zone: str, today: date) -> list[FindingCard]:
    """Return all findings including rejected ones, most important first."""
    return [_describe_found(finding, found, time_zone, today) for finding in found.findings]


def list_past_cards(found: FindingsResults, *, time_zone: str, today: date) -> list[FindingCard]:
    """Return the decisions about findings that this period does not show."""
    cards = []
    for decision in found.list_past():
        what = translate_phrase(name_past_finding(decision, display_name))
        sentences = (
            (tr("Not found in this period"), "small"),
            (what, "title"),
            *_describe_decided(decision, found, today),
        )
        comparison = _link_comparison(decision.place, decision, found, time_zone)
        cards.append(FindingCard(None, decision, sentences, what, comparison=comparison))
    return cards


def describe_kinds(cards: Sequence[FindingCard]) -> dict[str, str]:
    """Return the kinds found, by value, with their counts."""
    kinds = {}
    for kind, name in KIND_NAMES.items():
        count = sum(card.kind == kind.value for card in cards)
        if count:
            kinds[kind.value] = tr("{name} ({count})", name=translate_phrase(name), count=count)
    return kinds


def describe_assessed(found: FindingsResults) -> tuple[str, ...]:
    """Return sentences on what was and was not assessed."""
    return tuple(
        translate_phrase(phrase) for phrase in describe_outcomes(found.outcomes, name_zone=display_name)
    )


def translate_phrase(phrase: Phrase) -> str:
    """Return a phrase in the current language."""
    return fill_template(phrase.template, phrase.fields, tr) if phrase.template else ""


def _translate_effect(sentence: Phrase) -> str:
    zone = sentence.fields.get("zone")
    named = {"zone": display_name(zone)} if isinstance(zone, str) else {}
    return translate_phrase(Phrase(sentence.template, {**sentence.fields, **named}))


def _describe_found(
    finding: LayoutFinding, found: FindingsResults, time_zone: str, today: date
) -> FindingCard:
    texts = describe_finding(finding, time_zone=time_zone, name_zone=display_name)
    decision = find_decision(finding, found.decisions)
    what, impact, why, hours = map(translate_phrase, (texts.what, texts.impact, texts.why, texts.hours))
    advice = tr("Suggestion: {advice}", advice=translate_phrase(texts.advice))
    return FindingCard(
        finding,
        decision,
        (
            (translate_phrase(KIND_NAMES[finding.kind]), "small"),
            (what, "title"),
            (impact, _TONES.get(finding.kind, "warning")),
            (why, ""),
            (hours, "muted"),
            (advice, "muted"),
            *_describe_decided(decision, found, today),
        ),
        what,
        (impact, why, hours, advice),
        why,
        "\n".join(filter(None, map(translate_phrase, (texts.interval, texts.method)))),
        link_finding(finding),
        _link_comparison(finding.zone, decision, found, time_zone),
    )


def _describe_decided(
    decision: FindingDecision, found: FindingsResults, today: date
) -> list[tuple[str, str]]:
    """Return the decision and what became of it since the layout was changed, each with a role."""
    is_overdue = decision.is_overdue(today)
    decided = [translate_phrase(part) for part in describe_decision(decision)]
    sentence = " · ".join([*decided, *([tr("overdue")] if is_overdue else [])])
    effects = found.effects.get(decision.key, ())
    return [
        (sentence, "warning" if is_overdue else "small"),
        *((_translate_effect(effect), "") for effect in effects),
    ]


def _link_comparison(
    zone: str | None, decision: FindingDecision, found: FindingsResults, time_zone: str
) -> ViewLink | None:
    return link_comparison(zone, decision, history_s=found.history_s, time_zone=time_zone)


_MAX_NOTE = 500
_WIDTH_PX = 460


class FindingDecisionDialog(QDialog):
    """Dialog for a decision; ``decision`` holds it once accepted."""

    def __init__(
        self, decision: FindingDecision, *, what: str, today: date, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._former = decision
        self.setWindowTitle(tr("Decide on a finding"))
        self.setMinimumWidth(_WIDTH_PX)
        title = make_label("title", wraps=True, parent=self, text=what)
        self.state, self.reason = QComboBox(self), QComboBox(self)
        for state, words in STATE_NAMES.items():
            self.state.addItem(translate_phrase(words), state.value)
        for reason, words in REASONS.items():
            self.reason.addItem(translate_phrase(words), reason)
        self.owner, self.note = QLineEdit(decision.owner, self), QLineEdit(decision.note, self)
        for line in (self.owner, self.note):
            line.setMaxLength(_MAX_NOTE)
        self.is_due, self.due_on = self._make_day(tr("Due on"), decision.due_on, today)
        self.has_changed, self.changed_on = self._make_day(
            tr("Layout changed on"), decision.changed_on, today
        )
        self.state.setCurrentIndex(self.state.findData(decision.state.value))
        self.reason.setCurrentIndex(max(0, self.reason.findData(decision.reason)))
        self.state.currentIndexChanged.connect(self._on_state_chosen)
        self._form = form = QFormLayout()
        form.setSpacing(current_theme().space_s)
        form.addRow(tr("State"), self.state)
        form.addRow(tr("Reason"), self.reason)
        form.addRow(tr("Owner"), self.owner)
        form.addRow(self.is_due, self.due_on)
        form.addRow(self.has_changed, self.changed_on)
        form.addRow(tr("Note"), self.note)
        for field, name in (
            (self.state, tr("State")),
            (self.reason, tr("Reason")),
            (self.owner, tr("Owner")),
            (self.due_on, tr("Day by which it is to be done")),
            (self.changed_on, tr("Day of the change")),
            (self.note, tr("Note")),
        ):
            field.setAccessibleName(name)
        hint = QLabel(
            tr("From the day of the change on, the effect is measured against the time before."), self
        )
        hint.setProperty("role", "small")
        hint.setWordWrap(True)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel, self
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        fill(QVBoxLayout(self), title, form, hint, buttons, spacing=current_theme().space_m)
        self._enable()

    @property
    def decision(self) -> FindingDecision:
        state = FindingState(self.state.currentData())
        return dataclasses.replace(
            self._former,
            state=state,
            reason=str(self.reason.currentData()) if state is FindingState.REJECTED else "",
            owner=self.owner.text().strip(),
            due_on=_read_day(self.is_due, self.due_on),
            note=self.note.text().strip(),
            changed_on=_read_day(self.has_changed, self.changed_on),
        )

    def _make_day(self, text: str, day: date | None, today: date) -> tuple[QCheckBox, QDateEdit]:
        box, shown = QCheckBox(text, self), day or today
        field = QDateEdit(QDate(shown.year, shown.month, shown.day), self)
        field.setCalendarPopup(True)
        field.setDisplayFormat("yyyy-MM-dd")
        box.setAccessibleName(text)
        box.setChecked(day is not None)
        box.toggled.connect(self._enable)
        return box, field

    def _on_state_chosen(self) -> None:
        if self.state.currentData() == FindingState.DONE.value:
            # without the day of the change there is no effect to measure
            self.has_changed.setChecked(True)
        self._enable()

    def _enable(self) -> None:
        self._form.setRowVisible(self.reason, self.state.currentData() == FindingState.REJECTED.value)
        self.due_on.setEnabled(self.is_due.isChecked())
        self.changed_on.setEnabled(self.has_changed.isChecked())


def _read_day(box: QCheckBox, field: QDateEdit) -> date | None:
    day = field.date()
    return date(day.year(), day.month(), day.day()) if box.isChecked() else None


_BUTTON_PX = 150


class LayoutFindingCard(QFrame):
    """Card of a finding, recreated when its texts change."""

    show_requested = Signal()
    comparison_requested = Signal()
    decision_requested = Signal()
    restore_requested = Signal()

    def __init__(self, row: FindingCard, *, sketch: PlaceSketch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme, is_rejected = current_theme(), row.decision.is_rejected
        self.setProperty("role", "card")
        texts = make_column(spacing=theme.space_xs)
        for sentence, role in row.sentences:
            if not sentence:
                continue
            label = make_label(role, wraps=True, parent=self, text=sentence)
            if sentence == row.why:
                self.info = InfoButton(self)
                self.info.explain(tr("Definition: {name}", name=row.what), row.explanation)
                texts.addLayout(fill(make_row(), (label, 1), (self.info, 0, Qt.AlignmentFlag.AlignTop)))
            else:
                texts.addWidget(label)
        texts.addStretch(1)
        self.show_button = self._make_button(tr("Show"), row.what)
        self.show_button.setVisible(row.link is not None)
        self.compare_button = self._make_button(tr("Before and after"), row.what)
        self.compare_button.setVisible(row.comparison is not None)
        self.decide_button = self._make_button(tr("Decide…"), row.what)
        self.restore_button = self._make_button(tr("Restore"), row.what)
        self.decide_button.setToolTip(tr("Set its state, owner and dates, or reject it"))
        self.decide_button.setVisible(not is_rejected)
        self.restore_button.setVisible(is_rejected)
        self.show_button.clicked.connect(self.show_requested)
        self.compare_button.clicked.connect(self.comparison_requested)
        self.decide_button.clicked.connect(self.decision_requested)
        self.restore_button.clicked.connect(self.restore_requested)
        buttons = fill(
            QVBoxLayout(),
            self.show_button,
            self.compare_button,
            self.decide_button,
            self.restore_button,
            1,
            spacing=theme.space_s,
        )
        fill(
            QHBoxLayout(self),
            (sketch, 0, Qt.AlignmentFlag.AlignTop),
            (texts, 1),
            buttons,
            spacing=theme.space_l,
            margins=theme.space_m,
        )
        sketch.setAccessibleName(tr("Where: {what}", what=row.what))
        self.setAccessibleName(row.what)
        self.setAccessibleDescription(join_sentences(row.details))

    def _make_button(self, text: str, what: str) -> QPushButton:
        button = QPushButton(text, self)
        # several cards have the same button
        button.setAccessibleName(tr("{name}: {value}", name=text, value=what))
        button.setMinimumWidth(_BUTTON_PX)
        return button


class FindingsView(Translated, QWidget):
    """The findings page; renders a `FindingsState`."""

    link_opened = Signal(object)
    """``ViewLink`` of the page that shows a finding."""

    def __init__(self, viewmodel: FindingsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._rendered: tuple[object, ...] = ()
        self._kind: str | None = None
        self._empty_action: Callable[[], None] = viewmodel.compute
        self.headline, self.summary = QLabel(), QLabel()
        self.kinds = QComboBox()
        self.again = QPushButton()
        # it replaces the sentence during a search
        self.work = JobRow(keeps_place=False)
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
        self.kinds.setAccessibleName(tr("Kind of finding"))
        self.again.setText(tr("Search again"))
        self.again.setAccessibleName(tr("Search for findings again"))
        self._rendered = ()
        self._render()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._viewmodel.set_page_visible(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self._viewmodel.set_page_visible(False)

    def _build(self) -> None:
        theme = current_theme()
        self.headline.setProperty("role", "title")
        self.summary.setProperty("role", "muted")
        self.kinds.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        texts = make_column(spacing=theme.space_xs)
        for label in (self.headline, self.summary):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            texts.addWidget(label)
        texts.addWidget(self.work)
        head = fill(QHBoxLayout(), (texts, 1), self.kinds, self.again, spacing=theme.space_m)
        content = QWidget()
        column = make_column(content, margins=(0, 0, theme.space_s, 0))
        self._column.setSpacing(theme.space_m)
        column.addLayout(self._column)
        column.addStretch(1)
        scroll = QWidget()
        scroll_content(scroll, content)
        found = QWidget()
        fill(QVBoxLayout(found), head, self.failure, (scroll, 1), spacing=theme.space_m, margins=0)
        self._pages.addWidget(found)
        self._pages.addWidget(self.empty)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, theme.space_m)
        outer.addWidget(self._pages)

    def _render(self) -> None:
        state = self._viewmodel.state
        is_computing = state.phase is PeriodPhase.COMPUTING
        self.work.show_job(
            tr("Searching for findings") if is_computing else "",
            done=state.progress or 0.0,
            total=0.0 if state.progress is None else 1.0,
            can_stop=True,
        )
        self.summary.setVisible(not is_computing)
        self.again.setEnabled(not is_computing)
        fault = None if state.fault is None else state.fault.render(tr)
        self.failure.show_failure(
            "" if fault is None else fault.problem, "" if fault is None else fault.remedy, ""
        )
        self._render_empty_state(state)
        found, today = state.found, self._viewmodel.read_venue_time().date()
        cards = [] if found is None else list_cards(found, time_zone=state.time_zone, today=today)
        kinds = describe_kinds(cards)
        self._kind = state.kind if state.kind in kinds else None
        self._render_head(state, cards, kinds)
        shown = (found, self._kind, state.phase, today)
        if shown != self._rendered:
            self._rendered = shown
            past = [] if found is None else list_past_cards(found, time_zone=state.time_zone, today=today)
            self._render_cards(found, cards, past)

    def _render_empty_state(self, state: FindingsState) -> None:
        match state.phase:
            case PeriodPhase.NOTHING_OBSERVED:
                has_history = state.found is not None and state.found.history_s is not None
                self._empty_action = self._viewmodel.show_last_observed_day
                self.empty.show_texts(
                    tr("No data for this period"),
                    tr("Choose a period with observations.")
                    if has_history
                    else tr("Start recording, or import a recording."),
                    tr("Show the last observed day") if has_history else "",
                )
            case PeriodPhase.CANCELLED:
                self._empty_action = self._viewmodel.compute
                self.empty.show_texts(
                    tr("Cancelled"),
                    tr("You can search again at any time."),
                    tr("Search again"),
                )
            case PeriodPhase.READY if (found := state.found) and not (found.zones or found.findings):
                self._empty_action = self._open_plan_editor
                self.empty.show_texts(
                    tr("No zones yet"),
                    tr("Draw zones on the plan; past data are searched again."),
                    tr("Edit the plan"),
                )
            case _:
                self._pages.setCurrentIndex(0)
                return
        self._pages.setCurrentIndex(1)

    def _open_plan_editor(self) -> None:
        self.link_opened.emit(ViewLink(LinkTarget.EDIT_PLAN))

    def _do_empty_action(self) -> None:
        self._empty_action()

    def _render_head(
        self, state: FindingsState, cards: Sequence[FindingCard], kinds: Mapping[str, str]
    ) -> None:
        accepted = [card for card in cards if not card.decision.is_rejected]
        if state.phase is PeriodPhase.READY:
            count = len(accepted)
            self.headline.setText(
                trn("{n} finding", "{n} findings", count) if count else tr("No findings for this period")
            )
        elif not any(self._is_chosen(card) for card in accepted):
            self.headline.setText(tr("Findings"))
        self.summary.setText(
            tr(
                "What visitor movements show about the layout; what gains or loses the most visiting time "
                "comes first."
            )
        )
        self.kinds.blockSignals(True)
        self.kinds.clear()
        self.kinds.addItem(tr("All kinds"), None)
        for value, name in kinds.items():
            self.kinds.addItem(name, value)
        self.kinds.setCurrentIndex(max(0, self.kinds.findData(self._kind)))
        self.kinds.blockSignals(False)
        self.kinds.setVisible(len(kinds) > 1)

    def _is_chosen(self, card: FindingCard) -> bool:
        return self._kind in (None, card.kind)

    def _render_cards(
        self, found: FindingsResults | None, cards: Sequence[FindingCard], past: Sequence[FindingCard]
    ) -> None:
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.cards = []
        if found is None:
            return
        for title, of_title in (
            ("", [card for card in cards if not card.decision.is_rejected]),
            (tr("Decided before"), past),
            (tr("Rejected"), [card for card in cards if card.decision.is_rejected]),
        ):
            chosen = [card for card in of_title if self._is_chosen(card)]
            if title and chosen:
                self._add_title(title)
            for card in chosen:
                self._add(self._make_card(card, found))
        if assessed := describe_assessed(found):
            self._add_title(tr("What was assessed"))
            for sentence in assessed:
                self._add(make_label("muted", wraps=True, text=sentence))

    def _add(self, widget: QWidget) -> None:
        self._column.addWidget(widget)
        # shown at once, so that its button can take the focus
        widget.show()

    def _add_title(self, text: str) -> None:
        self._add(make_label("title", text=text))

    def _make_card(self, row: FindingCard, found: FindingsResults) -> LayoutFindingCard:
        finding = row.finding
        card = LayoutFindingCard(
            row,
            sketch=PlaceSketch(
                plan=found.plan,
                zones=found.zones,
                marked=row.decision.place if finding is None else finding.zone,
                point_m=None if finding is None else finding.point_m,
            ),
        )
        if row.link is not None:
            card.show_requested.connect(partial(self.link_opened.emit, row.link))
        if row.comparison is not None:
            card.comparison_requested.connect(partial(self.link_opened.emit, row.comparison))
        card.decision_requested.connect(partial(self._open_decision_dialog, row))
        card.restore_requested.connect(partial(self._viewmodel.restore, row.decision))
        self.cards.append(card)
        return card

    def _open_decision_dialog(self, row: FindingCard) -> None:
        dialog = FindingDecisionDialog(
            row.decision, what=row.what, today=self._viewmodel.read_venue_time().date(), parent=self
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(partial(self._on_decided, dialog))
        dialog.open()

    def _on_decided(self, dialog: FindingDecisionDialog, result: int) -> None:
        if result == QDialog.DialogCode.Accepted:
            self._viewmodel.decide(dialog.decision)
