"""Panel for a stand's rent and targets."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from app.exhibition.exhibition_figures import StandRow
from app.gui.exhibition.model import ExhibitionState, ExhibitionViewModel
from app.gui.session.theme import current_theme
from app.gui.session.translation import display_name, tr
from app.gui.widgets.layouts import fill
from app.gui.widgets.number_field import NumberField

MAX_VALUE = 1e9
_NOTHING = -1.0
"""Value of an empty field, below the minimum."""


class StandDetailsPanel(QFrame):
    """Panel for rent and targets of the selected stand; every edit is written at once and can be undone."""

    def __init__(self, viewmodel: ExhibitionViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._viewmodel = viewmodel
        self._stand: StandRow | None = None
        self._state = ExhibitionState()
        self._name, self._hint = QLabel(), QLabel()
        self._name.setProperty("role", "title")
        self._hint.setProperty("role", "muted")
        self.rent, self.visits, self.engaged = (_make_field(decimals) for decimals in (2, 0, 0))
        self.currency, self.sponsor = QLineEdit(), QCheckBox()
        self.currency.setMaxLength(8)
        self.currency.setMaximumWidth(70)
        self.undo, self.redo = QPushButton(), QPushButton()
        self._labels = {field: QLabel() for field in (self.rent, self.visits, self.engaged, self.currency)}
        self._rent_fields: tuple[QWidget, ...] = (
            self._labels[self.rent], self.rent, self._labels[self.currency], self.currency, self.sponsor
        )  # fmt: skip
        self._target_fields: tuple[QWidget, ...] = (
            self._labels[self.visits], self.visits, self._labels[self.engaged], self.engaged
        )  # fmt: skip
        fill(
            QHBoxLayout(self),
            self._name,
            self._hint,
            *self._rent_fields,
            *self._target_fields,
            1,
            self.undo,
            self.redo,
            spacing=current_theme().space_m,
        )
        self.rent.valueChanged.connect(lambda value: self._set(viewmodel.set_rent, value))
        self.visits.valueChanged.connect(lambda value: self._set(viewmodel.set_visits_per_day, value))
        self.engaged.valueChanged.connect(lambda value: self._set(viewmodel.set_engaged_per_day, value))
        self.currency.editingFinished.connect(self._on_currency_edited)
        self.sponsor.clicked.connect(self._on_sponsor_clicked)
        self.undo.clicked.connect(viewmodel.undo)
        self.redo.clicked.connect(viewmodel.redo)
        self.show_part(shows_rent=False, shows_targets=False)

    def show_part(self, *, shows_rent: bool, shows_targets: bool) -> None:
        """Show the fields for rents or for targets."""
        self._shows_rent, self._shows_targets = shows_rent, shows_targets
        self.setVisible(shows_rent or shows_targets)
        self.show_state(self._state)

    def show_state(self, state: ExhibitionState) -> None:
        """Show the selected stand's values."""
        self._state = state
        stands = () if state.figures is None else state.figures.stands
        self._stand = next((stand for stand in stands if stand.zone == state.zone), None)
        stand = self._stand
        self._name.setText("" if stand is None else display_name(stand.zone))
        self._hint.setText(self._show_hint())
        self._name.setVisible(stand is not None)
        self._hint.setVisible(stand is None)
        for widget in self._rent_fields:
            widget.setVisible(self._shows_rent and (stand is not None or widget in self._currency_fields()))
        for widget in self._target_fields:
            widget.setVisible(self._shows_targets and stand is not None)
        for field, value in (
            (self.rent, None if stand is None else stand.rent),
            (self.visits, None if stand is None else stand.visits_per_day),
            (self.engaged, None if stand is None else stand.engaged_per_day),
        ):
            was_blocked = field.blockSignals(True)
            field.setValue(_NOTHING if value is None else value)
            field.blockSignals(was_blocked)
        self.sponsor.setChecked(stand is not None and stand.is_sponsor)
        if not self.currency.hasFocus():
            self.currency.setText("" if state.figures is None else state.figures.currency)
        for button, text, shown in (
            (self.undo, state.undo_text, tr("Undo")),
            (self.redo, state.redo_text, tr("Redo")),
        ):
            button.setText(shown)
            button.setToolTip(text)
            button.setAccessibleName(text or shown)
            button.setEnabled(bool(text))
        self.retranslate()

    def retranslate(self) -> None:
        """Update all texts to the current language."""
        for field, label, name in (
            (self.rent, tr("Rent for the show"), tr("Rent of the stand for the whole show")),
            (self.visits, tr("Visits a day"), tr("Target of visits on an open day")),
            (self.engaged, tr("Engaged visits a day"), tr("Target of engaged visits on an open day")),
            (self.currency, tr("Currency"), tr("Currency of all rents")),
        ):
            self._labels[field].setText(label)
            field.setAccessibleName(name)
        for field in (self.rent, self.visits, self.engaged):
            field.setSpecialValueText(tr("not entered"))
        self.sponsor.setText(tr("Sponsor"))
        self.sponsor.setToolTip(tr("Findings report popular routes that miss it"))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802, D102
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.show_state(self._state)

    def _show_hint(self) -> str:
        if self._shows_rent:
            return tr(
                "Choose a stand in the table or on the plan and enter its rent, or paste stands and rents "
                "from a spreadsheet into the table. Fair rents divide the total rent."
            )
        return tr("Choose a stand in the table and enter its daily targets.")

    def _currency_fields(self) -> tuple[QWidget, ...]:
        return (self._labels[self.currency], self.currency)

    def _set(self, write: object, value: float) -> None:
        if self._stand is not None:
            write(self._stand.zone, None if value < 0 else value)  # type: ignore[operator]

    def _on_currency_edited(self) -> None:
        figures = self._state.figures
        if figures is not None and self.currency.text().strip() != figures.currency:
            self._viewmodel.set_currency(self.currency.text())

    def _on_sponsor_clicked(self, is_sponsor: bool) -> None:
        if self._stand is not None:
            self._viewmodel.set_sponsor(self._stand.zone, is_sponsor)


def _make_field(decimals: int) -> NumberField:
    field = NumberField(minimum=_NOTHING, maximum=MAX_VALUE, decimals=decimals, unit="")
    field.setMaximumWidth(130)
    return field
