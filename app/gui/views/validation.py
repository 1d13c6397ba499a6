"""The page on which a venue's accuracy is proven: consent, clips, labels, results."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.validation import ValidationViewModel
from app.gui.viewmodels.validation_state import ValidationState, ValidationStep
from app.gui.views.clip_labelling import ClipLabellingView
from app.gui.views.validation_clips import ValidationClips
from app.gui.views.validation_consent import ValidationConsent
from app.gui.views.validation_results import ValidationResultsView
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.failure_note import FailureNote
from app.gui.widgets.work_row import WorkRow


class ValidationView(QWidget):
    """Renders a `ValidationState`; what is kept of clips is said as long as there can be any."""

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
        self.kept, self.forget = QLabel(), QPushButton()
        self._kept_bar, self.failure, self._work = QFrame(), FailureNote(), WorkRow()
        self._empty = EmptyPage("accuracy")
        self._parts, self._pages = QStackedWidget(), QStackedWidget()
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        """Take the window's language."""
        names = {
            ValidationStep.CONSENT: (tr("1  Consent"), tr("Who agrees that clips are kept")),
            ValidationStep.CLIPS: (tr("2  Clips"), tr("Which clips are wanted, and taking them")),
            ValidationStep.LABEL: (tr("3  Label"), tr("Say what is seen in the clips")),
            ValidationStep.RESULTS: (tr("4  Results"), tr("What the labels show, and the certificate")),
        }
        for step, (text, name) in names.items():
            self.steps[step].setText(text)
            self.steps[step].setToolTip(name)
            self.steps[step].setAccessibleName(name)
        self.forget.setText(tr("Forget now"))
        self.forget.setAccessibleName(tr("Remove all clips now"))
        self.forget.setToolTip(tr("Remove all clips now"))
        self._empty.show_texts(
            tr("Nothing to validate yet"),
            tr("Add a camera and record for an hour or more; then clips show how accurate its numbers are."),
        )
        self._viewmodel.retranslate()
        for part in (self.consent, self.clips, self.labelling, self.results):
            part.retranslate()
        self._render()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802, D102
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def _build(self) -> None:
        theme = current_theme()
        steps = QHBoxLayout()
        steps.setSpacing(theme.space_xs)
        for button in self.steps.values():
            button.setCheckable(True)
            button.setProperty("role", "layer")
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self._group.addButton(button)
            steps.addWidget(button)
        steps.addSpacing(theme.space_m)
        steps.addWidget(self._work, 1)
        self._kept_bar.setProperty("role", "banner")
        self.kept.setWordWrap(True)
        self.kept.setTextFormat(Qt.TextFormat.PlainText)
        kept = QHBoxLayout(self._kept_bar)
        kept.setContentsMargins(theme.space_m, theme.space_xs, theme.space_s, theme.space_xs)
        kept.addWidget(self.kept, 1)
        kept.addWidget(self.forget)
        for part in (self.consent, self.clips, self.labelling, self.results):
            self._parts.addWidget(part)
        work = QWidget()
        column = QVBoxLayout(work)
        column.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, theme.space_m)
        column.setSpacing(theme.space_s)
        column.addLayout(steps)
        column.addWidget(self._kept_bar)
        column.addWidget(self.failure)
        column.addWidget(self._parts, 1)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(work)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)

    def _bind(self) -> None:
        model = self._viewmodel
        model.state_changed.connect(self._render)
        for step, button in self.steps.items():
            button.clicked.connect(lambda _on, step=step: self._on_step_chosen(step))
        self.forget.clicked.connect(model.forget)
        self._work.stop_requested.connect(model.stop)
        self.labelling.next_asked.connect(model.open_next_clip)
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
        self._kept_bar.setVisible(bool(state.kept))
        self.failure.show_failure(state.problem, state.remedy, "")
        self._work.show_work(state.busy, done=0, total=0, can_stop=True)

    def _on_step_chosen(self, step: ValidationStep) -> None:
        self._viewmodel.show_step(step)
        if step is ValidationStep.LABEL:
            self.labelling.take_focus()
