"""All that the page shows on which cameras are planned."""

from __future__ import annotations

from dataclasses import dataclass, field

from analytics.domain.planned_camera import PlannedCamera
from app.coverage.coverage_map import CoverageLayer
from app.coverage.coverage_scene import CameraGlyph, ShownLayer
from app.coverage.coverage_zones import ZoneCoverage
from app.plan.floor_scene import FloorScene


@dataclass(frozen=True, slots=True)
class LayerLegend:
    """What the colours of a map mean: texts at its bad end, in its middle and at its good end."""

    title: str = ""
    bad: str = ""
    middle: str = ""
    good: str = ""
    is_count: bool = False


@dataclass(frozen=True, slots=True)
class CameraRow:
    """One camera in the list.

    Attributes:
        note: what is known of it, in a few words.
    """

    name: str
    text: str
    note: str
    is_planned: bool


@dataclass(frozen=True, slots=True)
class AdviceRow:
    """One piece of advice in words.

    Attributes:
        camera: the planned camera that it would change; empty where nothing can be done by a click.
        zone: which zone it is about.
    """

    text: str
    camera: str = ""
    zone: str = ""
    place_m: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class CoveragePlannerState:
    """All that the page shows.

    Attributes:
        selected: name of the chosen camera, planned or installed; ``planned`` is it where it is planned.
        summary: how much of the floor is seen.
        message: an error in words; empty for none.
    """

    has_venue: bool = False
    scene: FloorScene | None = None
    glyphs: tuple[CameraGlyph, ...] = ()
    rows: tuple[CameraRow, ...] = ()
    selected: str = ""
    planned: PlannedCamera | None = None
    layer: CoverageLayer = CoverageLayer.CAMERAS
    shown: ShownLayer | None = None
    legend: LayerLegend = field(default_factory=LayerLegend)
    zones: tuple[ZoneCoverage, ...] = ()
    advice: tuple[AdviceRow, ...] = ()
    summary: str = ""
    advice_summary: str = ""
    message: str = ""
    undo_text: str = ""
    redo_text: str = ""
    can_undo: bool = False
    can_redo: bool = False
