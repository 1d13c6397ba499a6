"""The steps that decide who is who, each with a way to leave it out, for `identity_elimination` alone."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from analytics.visitors import company, doors, gap_stitching, identification
from analytics.visitors.cameras import overlap_fusion, sight_lines
from analytics.visitors.cameras.uncorroborated_tracks import UncorroboratedTracks
from analytics.visitors.false_positives import false_persons, static_object_hijacks
from analytics.visitors.false_positives.short_false_tracks import ShortFalseTracks
from analytics.visitors.switches import swap_splitting
from analytics.visitors.visitor_settings import VisitorSettings
from vision.tracking import (
    box_looks,
    companions,
    floor_association,
    floor_motion,
    floor_people,
    floor_projection,
    floor_tracker,
    foot_hypotheses,
    sightings,
    upright_bodies,
    visible_floor,
    weak_past,
    weak_places,
)
from vision.tracking.floor_tracker_settings import FloorTrackerSettings

Change = tuple[Any, str, Any]
"""An object, the name of one of its attributes, and what stands there while a step is left out."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step that can be left out.

    Attributes:
        is_tracking: it works in the tracker of one camera; otherwise on the tracks of all cameras.
        fewest_cameras: with fewer cameras it does nothing.
        lines, constants: what would go with it, about.
    """

    name: str
    changes: tuple[Change, ...]
    lines: int
    constants: int
    is_tracking: bool = False
    fewest_cameras: int = 1


@contextlib.contextmanager
def leave_out(step: Step | None) -> Iterator[None]:
    """Leave a step out for as long as the context lasts; None: nothing."""
    changes = step.changes if step else ()
    before = [(owner, name, vars(owner)[name]) for owner, name, _ in changes]
    for owner, name, value in changes:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


def _give(value: Any) -> Callable[..., Any]:
    return lambda *_, **__: value


def _keep_first(one: Any, *_: Any, **__: Any) -> Any:
    return one


def _set(part: str, **values: Any) -> tuple[Change, ...]:
    """Change settings of identification, wherever they are used."""
    default = getattr(VisitorSettings(), part)
    changed = replace(default, **values)
    modules = [module for name, module in sys.modules.items() if name.startswith("analytics.visitors")]
    return tuple(
        (module, name, changed)
        for module in modules
        for name, value in vars(module).items()
        if value is default
    )


def _set_tracker(**values: Any) -> tuple[Change, ...]:
    """Change settings of the tracker on the floor."""
    make = floor_tracker.make_settings
    return ((floor_tracker, "make_settings", lambda view: replace(make(view), **values)),)


def _without_views(of: Callable[..., Any]) -> staticmethod[..., Any]:
    return staticmethod(lambda rows, _: of(rows, ()))


NEVER = 1e9
ALMOST_NONE = 1e-9

_IN_TRACKS = (
    Step("cut handovers", ((identification, "cut_handovers", _keep_first),), 425, 28, fewest_cameras=2),
    Step(
        "blame for handovers",
        ((swap_splitting, "weigh_blame", lambda _rows, _samples, piece, *_, **__: np.zeros(len(piece))),),
        130,
        18,
        fewest_cameras=2,
    ),
    Step("cut takeovers", ((identification, "cut_takeovers", _keep_first),), 135, 8),
    Step(
        "uncorroborated tracks",
        (
            (
                identification,
                "find_uncorroborated_rows",
                lambda rows, *_, **__: (np.zeros(len(rows.time_s), bool), UncorroboratedTracks(0, 0.0)),
            ),
        ),
        235,
        11,
        fewest_cameras=3,
    ),
    Step("learn doors", ((doors, "_learn", _give(())),), 150, 12),
    Step("cut at doors", ((identification, "cut_at_doors", _keep_first),), 55, 4),
    Step(
        "short false tracks",
        (
            (
                identification,
                "exclude_short_false_tracks",
                lambda *, tracks, **_: (tracks, ShortFalseTracks(0, 0.0)),
            ),
        ),
        155,
        4,
    ),
    Step("false persons", ((false_persons, "find_false_places", _give(())),), 323, 18),
    Step(
        "hijacks by things",
        ((static_object_hijacks, "cut_out_hijacks", lambda *, tracks, **_: tracks),),
        122,
        3,
    ),
    Step(
        "company of the lost",
        ((company.Company, "weigh", lambda _own, end, *_: np.full(len(end), -np.inf)),),
        150,
        6,
    ),
    Step(
        "lines of sight between cameras",
        (
            (
                overlap_fusion,
                "SightLines",
                type("NoLines", (), {"of": _without_views(sight_lines.SightLines.of)}),
            ),
        ),
        45,
        7,
        fewest_cameras=2,
    ),
    Step(
        "alone in two cameras", _set("overlap", alone_log_ratio=0.0, alone_per_s=0.0), 30, 7, fewest_cameras=2
    ),
    Step(
        "partners at every moment",
        ((overlap_fusion, "find_chosen", lambda _samples, *, a, **_: np.ones(len(a), bool)),),
        70,
        2,
        fewest_cameras=2,
    ),
    Step(
        "align cameras",
        ((identification, "align_cameras", lambda *, cameras, **_: np.zeros((cameras, 2))),),
        30,
        0,
        fewest_cameras=2,
    ),
    Step(
        "heights in gaps",
        ((gap_stitching, "compute_log_height_ratio", lambda last, _: np.zeros(len(last))),),
        10,
        0,
    ),
    Step("outlying ends", _set("motion", outlier_factor=1.0), 15, 2),
    Step("smooth paths", _set("paths", smoothing_s=0.0), 60, 1),
)

_IN_TRACKER = (
    Step(
        "weak places",
        ((weak_places.WeakPlaces, "watch", lambda _own, _time_s, _xyxy, score, *_: [None] * len(score)),),
        330,
        30,
    ),
    Step("held back until sure", ((floor_tracker.FloorTracker, "_is_sure", _give(True)),), 45, 3),
    Step("reflections", ((floor_tracker.FloorTracker, "_is_reflection", _give(False)),), 70, 7),
    Step("back after long", ((floor_tracker.FloorTracker, "_is_back", _give(True)),), 30, 1),
    Step("doubles of a new track", ((floor_people.FloorPeople, "is_double", _give(False)),), 20, 0),
    Step("frequent second boxes", ((floor_tracker.FaintDoubles, "are_frequent", False),), 40, 4),
    Step("weak past", ((weak_past.WeakPast, "_trace_back", _give([])),), 85, 2),
    Step(
        "looks of boxes",
        ((box_looks.LooksPersistence, "weigh", lambda _own, off: np.zeros(off.shape[1])),),
        240,
        20,
    ),
    Step("offsets of boxes", ((box_looks, "WEIGHTS", np.array([1.0, 0.5, 0.0, 0.0])),), 50, 8),
    Step("scores of boxes", ((box_looks, "WEIGHTS", np.array([1.0, 0.0, 0.4, 0.4])),), 10, 4),
    Step("widths of boxes", ((box_looks, "WEIGHTS", np.array([0.0, 0.5, 0.4, 0.4])),), 10, 4),
    Step(
        "companions",
        (
            (companions.Companions, "lead", _give(None)),
            (companions.Companions, "has_any", _give(False)),
        ),
        120,
        10,
    ),
    Step(
        "hidden floor",
        (
            (
                visible_floor.VisibleFloor,
                "find_hidden_chance",
                lambda _own, uv: np.full(uv.shape[1], visible_floor.HIDDEN_FEET_CHANCE),
            ),
        ),
        75,
        4,
    ),
    Step(
        "widths of the short",
        (
            (
                foot_hypotheses,
                "weigh_short",
                lambda *, height, **_: np.zeros((len(height), *height.shape[1:])),
            ),
        ),
        45,
        3,
    ),
    Step("noise of boxes", ((foot_hypotheses.FootFinder, "learn_noise", _give(None)),), 30, 3),
    Step(
        "heights of the crowd",
        (
            (
                upright_bodies.UprightBodies,
                "learn",
                lambda own, *given, _learn=upright_bodies.UprightBodies.learn: (
                    None if own.has_pose else _learn(own, *given)
                ),
            ),
        ),
        20,
        2,
    ),
    Step("doubt statures", ((floor_people.Statures, "doubt", _give(None)),), 75, 6),
    Step(
        "lasting errors",
        (
            (
                foot_hypotheses.FootFinder,
                "find_lasting_share",
                lambda _own, hypothesis, _: np.zeros(len(hypothesis)),
            ),
        ),
        20,
        1,
    ),
    Step("core of the likelihood", ((floor_association, "CORE_SHARE", ALMOST_NONE),), 10, 3),
    Step(
        "chance to be found again",
        ((floor_association, "FOUND_AT_ONCE_CHANCE", 0.8), (floor_association, "FOUND_LATER_CHANCE", 0.8)),
        12,
        3,
    ),
    Step("outlying boxes", ((floor_motion, "OUTLIER_DISTANCE2", NEVER),), 8, 1),
    Step(
        "covered lower edges",
        ((sightings, "_cover_lower_edges", lambda edges: np.zeros(edges.shape[1])),),
        30,
        3,
    ),
    Step(
        "could have been seen",
        ((floor_people, "find_in_sight", lambda edges, *_: np.ones(edges.shape[1])),),
        35,
        1,
    ),
    Step("handicap of new tracks", _set_tracker(tentative_cost=0.0), 8, 1),
    Step("left the picture", _set_tracker(outside_lost_s=FloorTrackerSettings().walking_lost_s), 10, 1),
    Step("faint boxes", _set_tracker(low_score=FloorTrackerSettings().high_score), 60, 4),
    Step(
        "two motion models",
        (
            (floor_motion, "WALKING_AT_FIRST", 1 - ALMOST_NONE),
            (floor_motion, "MEAN_STAND_S", ALMOST_NONE),
            (floor_motion, "MEAN_WALK_S", NEVER),
        ),
        60,
        5,
    ),
    Step("body behind the foot", ((floor_projection, "FEET_AHEAD_M", 0.0),), 15, 1),
)

STEPS = (*_IN_TRACKS, *(replace(step, is_tracking=True) for step in _IN_TRACKER))


def vary_settings() -> tuple[Step, ...]:
    """Return each setting of identification halved, and raised by half."""
    default = VisitorSettings()
    return tuple(
        Step(
            f"{part.name}.{one.name} x {factor:g}",
            _set(part.name, **{one.name: type(value)(factor * value)}),
            0,
            1,
        )
        for part in fields(default)
        if part.name != "live"
        for one in fields(getattr(default, part.name))
        if isinstance(value := getattr(getattr(default, part.name), one.name), float | int)
        for factor in (0.5, 1.5)
    )


def join_steps(steps: Sequence[Step]) -> Step:
    """Return the steps as one, to be left out together."""
    return Step(
        " + ".join(step.name for step in steps),
        tuple(change for step in steps for change in step.changes),
        sum(step.lines for step in steps),
        sum(step.constants for step in steps),
        is_tracking=any(step.is_tracking for step in steps),
        fewest_cameras=min(step.fewest_cameras for step in steps),
    )
