"""The question whether a place where many people appear and disappear is a door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton

from app.access.roles import Permission
from app.floor_plan.corrected_period import PlaceState
from app.gui.canvas.floor_plan_canvas import FloorPlanCanvas
from app.gui.canvas.floor_plan_items import PlaceMark
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr
from app.gui.session.units import current_units
from app.gui.widgets.layouts import fill, make_row, name_button, style_labels

if TYPE_CHECKING:
    from analytics.visitors.doors import LearnedDoor

_RADIUS_M = 0.6
_MAX_WIDTH_PX = 760


class DoorQuestion(QFrame):
    """One question at a time, over the upper edge of a plan that marks the places; hidden without any."""

    answered = Signal(object, bool)
    """(place, whether it is a door)"""
    undo_requested = Signal()

    def __init__(self, canvas: FloorPlanCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._doors: tuple[LearnedDoor, ...] = ()
        self._answer: bool | None = None
        self.text = QLabel(self)
        self.yes, self.no, self.undo = (QPushButton(self) for _ in range(3))
        self.setProperty("role", "banner")
        style_labels("", self.text)
        self.text.setWordWrap(True)
        fill(make_row(self, margins=current_theme().space_s), (self.text, 1), self.yes, self.no, self.undo)
        self.yes.clicked.connect(lambda: self._on_answered(is_door=True))
        self.no.clicked.connect(lambda: self._on_answered(is_door=False))
        self.undo.clicked.connect(self._on_undone)
        for button in (self.yes, self.no, self.undo):
            require_permission(button, Permission.EDIT_PLAN)
        canvas.installEventFilter(self)
        self._render()

    def show_doors(self, doors: tuple[LearnedDoor, ...]) -> None:
        """Ask about the first of several places, and mark all of them."""
        if doors != self._doors:
            self._answer = None if doors else self._answer
            self._doors = doors
            self._render()
        self._canvas.show_marks(
            tuple(
                PlaceMark(*door.place_m, _RADIUS_M, PlaceState.PROPOSED, is_selected=not number)
                for number, door in enumerate(doors)
            )
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._render()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        if not event.spontaneous() and self._answer is not None:
            self._answer = None
            self._render()

    def _on_answered(self, *, is_door: bool) -> None:
        (door, *others) = self._doors
        self.show_doors(tuple(others))
        self._answer = is_door
        self._render()
        self.answered.emit(door.place_m, is_door)

    def _on_undone(self) -> None:
        self._answer = None
        self._render()
        self.undo_requested.emit()

    def _render(self) -> None:
        is_asked = bool(self._doors) and self._answer is None
        name_button(self.yes, tr("Yes, a door"), tr("Draw an entrance there; Edit plan can change it"))
        name_button(self.no, tr("No"), tr("There is no door; do not ask about this place again"))
        name_button(self.undo, tr("Undo"), tr("Take the answer back"))
        for button in (self.yes, self.no):
            button.setVisible(is_asked)
        self.undo.setVisible(self._answer is not None)
        self.text.setText(self._describe())
        self.setVisible(is_asked or self._answer is not None)
        self._place()

    def _place(self) -> None:
        """Lie over the plan, which keeps its place while somebody aims at it."""
        margin, layout = current_theme().space_s, self.layout()
        assert layout is not None
        width = min(_MAX_WIDTH_PX, self._canvas.width() - 2 * margin)
        height = max(layout.heightForWidth(width), self.minimumSizeHint().height())
        self.setGeometry((self._canvas.width() - width) // 2, margin, width, height)
        self.raise_()

    def _describe(self) -> str:
        if self._answer is not None:
            return (
                tr("An entrance was drawn there. Edit plan can change its shape and name.")
                if self._answer
                else tr("Not a door: people lost there are joined with who is found nearby.")
            )
        if not self._doors:
            return ""
        door, units = self._doors[0], current_units()
        x, y = (units.from_metres(value) for value in door.place_m)
        question = tr(
            "Many people appear and disappear at the mark (x {x:.1f} {unit}, y {y:.1f} {unit}): {appeared} "
            "appeared, {disappeared} disappeared. Is this a door, a staircase or a lift?",
            x=x,
            y=y,
            unit=units.symbol,
            appeared=door.appeared,
            disappeared=door.disappeared,
        )
        more = len(self._doors) - 1
        return tr("{question} ({more} more)", question=question, more=more) if more else question
