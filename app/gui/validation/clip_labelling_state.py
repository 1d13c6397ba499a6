"""What the labelling of a clip shows, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from app.cameras.pictured_figures import PicturedFigure
from app.plan.floor_scene import Point
from app.plan.plan_shapes import Shape
from app.validation.validation_clips import ClipFrame


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One label in the list.

    Attributes:
        step: its place in the draft.
        index: the picture at which it was made; None: a stay's end that was not seen.
    """

    step: int
    index: int | None
    text: str


@dataclass(frozen=True, slots=True)
class ClipLabellingState:
    """Everything that is seen of one clip.

    Attributes:
        title: which clip it is; empty for none.
        frame: the picture that is shown; None while there is none.
        frame_wh: of the whole frame, in whose pixels all points are.
        index, count: which picture, counted from 0, of how many.
        position: where in the clip that is, in words.
        lines, zones: value and words of what can be chosen, each with its key; ``line`` and ``zone`` are
            those that are chosen, ``line_ref`` and so on how they are drawn.
        counts_lines: whether every crossing in this clip is labelled.
        marks: feet that were clicked at this instant.
        is_counting: whether a click is taken for somebody's feet now.
        following: who is being followed, in words; empty for nobody.
        todo: what this clip still lacks, in words.
        message: why a key did nothing.
        is_finished: nothing can be changed any more.
    """

    title: str = ""
    frame: ClipFrame | None = None
    frame_wh: tuple[int, int] | None = None
    figures: tuple[PicturedFigure, ...] = ()
    index: int = 0
    count: int = 0
    position: str = ""
    is_playing: bool = False
    speed: float = 1.0
    lines: tuple[tuple[str, str], ...] = ()
    zones: tuple[tuple[str, str], ...] = ()
    line: str = ""
    zone: str = ""
    chosen_ref: Shape | None = None
    counts_lines: bool = True
    rows: tuple[LabelRow, ...] = ()
    marks: tuple[Point, ...] = ()
    is_counting: bool = False
    count_at: str = ""
    following: str = ""
    todo: str = ""
    message: str = ""
    can_undo: bool = False
    can_redo: bool = False
    can_say_nothing: bool = False
    is_finished: bool = False

    @property
    def has_clip(self) -> bool:
        """Whether there is a clip."""
        return bool(self.title)

    @property
    def label_indexes(self) -> tuple[int, ...]:
        """At which pictures there are labels."""
        return tuple(sorted({row.index for row in self.rows if row.index is not None}))
