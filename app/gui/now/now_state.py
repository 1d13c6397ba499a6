"""All that the page of this moment shows, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.live.live_figures import HallNow, ZoneNow
from app.now.day_arrivals import DaySoFar
from app.now.recent_figures import RecentFigures
from app.plan.floor_scene import FloorScene, LiveDot


@dataclass(frozen=True, slots=True)
class NowTile:
    """One key figure.

    Attributes:
        tone: of the change: ``good``, ``warning``, ``bad`` or ``muted``.
        explanation: how the figure is defined.
    """

    title: str
    value: str
    detail: str = ""
    change: str = ""
    tone: str = "muted"
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class LevelMark:
    """What a zone shows on the plan: its level of service, A to F, and the people in it."""

    level: str
    people: int


@dataclass(frozen=True, slots=True, eq=False)
class NowState:
    """All that the page shows. Parts that did not change stay the same objects.

    Attributes:
        scene: None while no venue is open.
        hall: None while no camera is analysed.
        recent, day: None until they were first computed.
        marks: by the name of each observed zone.
        message: why nothing happens, in words; empty where something does.
    """

    scene: FloorScene | None = None
    dots: tuple[LiveDot, ...] = ()
    hall: HallNow | None = None
    recent: RecentFigures | None = None
    day: DaySoFar | None = None
    tiles: tuple[NowTile, ...] = ()
    zones: tuple[ZoneNow, ...] = ()
    marks: Mapping[str, LevelMark] = field(default_factory=dict)
    message: str = ""
