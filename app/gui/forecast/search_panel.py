"""The panel that searches for better layouts, with the found ones and what each promises."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QFormLayout, QFrame, QLabel, QPushButton, QWidget

from analytics.forecast.layout_search import Goal
from app.access.roles import Permission
from app.forecast.clear_out import describe_clear_out
from app.forecast.search_layouts import ProposedLayout
from app.gui.forecast.model import WhatIfState, WhatIfViewModel
from app.gui.forecast.text import (
    describe_proposal,
    format_gain,
    format_gain_interval,
    rename_fault,
    translate_statement,
)
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, join_sentences, tr, translate_phrase, translate_report
from app.gui.tables.record_list import RecordList
from app.gui.tables.record_table import RecordTable, TableColumn, export_number, make_number_column
from app.gui.widgets.failure_note import FailureNote
from app.gui.widgets.layouts import (
    fill,
    fill_combo_box_values,
    make_column,
    make_label,
    make_row,
    name_button,
    show_text,
)
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.work_row import JobRow


class ProposalTable(RecordTable[ProposedLayout]):
    """Table of the found layouts, that with the fewest moves first."""

    def make_columns(self) -> Sequence[TableColumn[ProposedLayout]]:
        """Return the columns in the current language."""
        return (
            make_number_column(tr("Stands moved"), lambda found: found.promise.moves),
            TableColumn(
                tr("Gain"),
                lambda found: format_gain(found.promise.gain),
                lambda found: found.promise.gain,
                lambda found: export_number(found.promise.gain, 4),
                tr("Gain, as a share"),
                meaning=tr("Expected growth of the goal; what choosing the best promises too much is off."),
            ),
            TableColumn(
                tr("Likely range"),
                format_gain_interval,
                lambda found: found.promise.gain_interval[0],
                lambda found: "{:.4f}-{:.4f}".format(*found.promise.gain_interval),
                meaning=tr("80 % interval: the gain lies in it in 80 of 100 cases."),
            ),
        )


class SearchPanel(Translated, QFrame):
    """The search for better layouts: goal, progress, and what was found; a chosen one is on the plan."""

    def __init__(self, viewmodel: WhatIfViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._rendered: WhatIfState | None = None
        self.goal = QComboBox()
        self.moves = NumberField(minimum=1, maximum=20, decimals=0, unit="")
        self.moves.setValue(6)
        self.start, self.ask, self.open = QPushButton(), QPushButton(), QPushButton()
        self.job = JobRow(self, keeps_place=False)
        self.table = ProposalTable(self)
        self.found = RecordList(self.table, table_name="", parent=self)
        self.refusal = FailureNote(self)
        self._intro, self.asked, self.details, self.statements = (
            make_label(role, wraps=True) for role in ("muted", "", "", "small")
        )
        self._labels = {field: QLabel() for field in (self.goal, self.moves)}
        self._build()
        for button, search in ((self.start, viewmodel.search), (self.ask, viewmodel.search_on_site)):
            button.clicked.connect(
                lambda _on, search=search: search(
                    Goal(self.goal.currentData()), most_moves=round(self.moves.value())
                )
            )
        self.job.stop_requested.connect(viewmodel.cancel_search)
        self.open.clicked.connect(viewmodel.add_proposal)
        self.found.current_record_changed.connect(viewmodel.preview)
        self.found.record_chosen.connect(viewmodel.preview)
        self.retranslate()

    def retranslate(self) -> None:
        """Update all texts."""
        self._intro.setText(
            tr(
                "Looks for layouts in which stands change places and that have more of a goal. Panel Rules "
                "says which stands stay, which may exchange places, and what floor stays free."
            )
        )
        for field, text in ((self.goal, tr("Goal")), (self.moves, tr("Most stands moved"))):
            self._labels[field].setText(text)
            field.setAccessibleName(text)
        fill_combo_box_values(self.goal, [(goal.value, name_goal(goal)) for goal in Goal])
        name_button(self.start, tr("Find better layouts"))
        name_button(self.ask, tr("Let the site search"), tr("Let another machine of the site search"))
        name_button(self.open, tr("Open as a draft"))
        self.found.set_table_name(tr("Better layouts"))
        self.found.retranslate()
        self._rendered = None
        self.show_state(self._viewmodel.state)

    def show_state(self, state: WhatIfState) -> None:
        """Show the search."""
        was, self._rendered = self._rendered, state
        doing = tr("Reading the visits of the period") if state.is_reading else ""
        self.job.show_job(
            tr("Searching for better layouts") if state.is_searching else doing,
            done=state.search_progress if state.is_searching else state.progress or 0.0,
            total=1.0 if state.is_searching or state.progress is not None else 0.0,
            can_stop=state.is_searching,
        )
        fault = None if state.search_fault is None else rename_fault(state.search_fault).render(tr)
        self.refusal.show_failure(
            "" if fault is None else fault.problem, "" if fault is None else fault.remedy, ""
        )
        proposals, shown = state.proposals, state.preview
        layouts = () if proposals is None else proposals.layouts
        self.start.setEnabled(state.basis_s is not None and not state.is_searching)
        self.ask.setVisible(state.is_in_site)
        self.ask.setEnabled(state.basis_s is not None)
        show_text(self.asked, "" if state.site_search is None else translate_phrase(state.site_search))
        self._intro.setVisible(not layouts)
        for widget in (self.found, self.open):
            widget.setVisible(bool(layouts))
        if was is None or proposals is not was.proposals:
            self.table.show(layouts)
            said = () if proposals is None else proposals.statements
            show_text(self.statements, "\n".join(f"• {translate_statement(phrase)}" for phrase in said))
        self.found.set_current_row(layouts.index(shown) if shown in layouts else None)
        self.open.setEnabled(shown is not None)
        if shown is not None and proposals is not None:
            details = describe_proposal(shown, name_goal(proposals.goal))
            if state.clear_outs is not None:
                today, *others = state.clear_outs
                said = describe_clear_out(others[layouts.index(shown)], today)
                details += "\n" + join_sentences(map(translate_statement, said))
            elif state.clear_out_fault is not None:
                details += "\n" + translate_report(state.clear_out_fault)
            show_text(self.details, details)
        else:
            show_text(self.details, tr("Choose one to see it on the plan.") if layouts else "")

    def _build(self) -> None:
        theme = current_theme()
        self.setProperty("role", "card")
        column = make_column(self, margins=theme.space_m, spacing=theme.space_s)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for field, label in self._labels.items():
            form.addRow(label, field)
        self.start.setProperty("role", "primary")
        require_permission(self.open, Permission.EDIT_PLAN)
        require_permission(self.ask, Permission.EDIT_PLAN)
        buttons = fill(make_row(), self.start, self.ask, 1)
        fill(column, self._intro, form, buttons, self.job, self.asked, self.refusal, self.statements)
        fill(column, (self.found, 1), self.details, fill(make_row(), self.open, 1))
        column.addStretch(0)


def name_goal(goal: Goal) -> str:
    """Return the name of a goal."""
    return {
        Goal.VISITS: tr("Visits"),
        Goal.WEAKEST_THIRD: tr("Visits of the weakest third"),
        Goal.PERSON_SECONDS: tr("Person-seconds"),
        Goal.RENT: tr("Visits, weighted by rent"),
    }[goal]
