"""All that the page shows on which the plan is edited."""

from __future__ import annotations

from dataclasses import dataclass

from app.plan.editable_figures import EditableFigure
from app.plan.floor_scene import FloorScene
from app.plan.plan_shapes import Figure, Shape


@dataclass(frozen=True, slots=True)
class PlanEditorState:
    """All that the page shows.

    Attributes:
        scene: the floor without what can be edited but the hall and its obstacles.
        figures: what can be taken hold of.
        selected: which of them is; ``figure`` is it.
        message: an error in words; empty for none.
        version_text: from when on edits count.
    """

    has_venue: bool = False
    scene: FloorScene | None = None
    figures: tuple[EditableFigure, ...] = ()
    selected: Shape | None = None
    figure: Figure | None = None
    message: str = ""
    undo_text: str = ""
    redo_text: str = ""
    can_paste: bool = False
    can_undo: bool = False
    can_redo: bool = False
    version_text: str = ""


@dataclass(frozen=True, slots=True)
class StandsPreview:
    """What a grid of stands would be.

    Attributes:
        figures: everything on the plan, the stands last.
        text: how many there would be, or why there cannot be any.
    """

    figures: tuple[EditableFigure, ...] = ()
    text: str = ""
    is_possible: bool = False
