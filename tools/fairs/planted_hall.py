"""The fair with facts built in, walked by JuPedSim: bodies that queue, jam and give way, with exact truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analytics.columns import SPAN_COLUMNS
from analytics.domain.arrays import FloatArray
from tools.fairs.fair_hall import COFFEE, STAGE, FairHall
from tools.fairs.fair_programme import CALLED_S, FairProgramme
from tools.fairs.itinerary_tracks import CAMERA
from tools.simulation.crowd.crowd_settings import CrowdSettings
from tools.simulation.crowd.crowd_simulation import simulate_crowd
from tools.simulation.crowd.exhibition_hall import ExhibitionLayout
from tools.simulation.crowd.truth import make_true_tracks
from tools.simulation.crowd.visitor_paths import VisitorPaths

COMPANION_SHARES = (0.4, 0.35, 0.15, 0.1)
_HABITS = CrowdSettings(
    distance_weight_per_m=0.04,
    revisit_weight=0.1,
    mean_stops=7.0,
    dwell_spread=0.8,
    warm_up_s=0.0,
    companion_shares=COMPANION_SHARES,
    has_companions_in_line=True,
    shifts_per_s=0.02,
    solver_step_s=0.02,
)
AFTER_CLOSING_S = 600.0
"""Simulated beyond the opening hours, so that everybody gets out."""


@dataclass(frozen=True, slots=True, eq=False)
class PlantedDay:
    """One simulated day.

    Attributes:
        paths: everybody's exact way; times count from the opening.
        tracks: the same as columns of ``TRACK_COLUMNS``, ``visitor`` known.
        spans: columns of ``SPAN_COLUMNS``: all of it.
    """

    paths: VisitorPaths
    tracks: pd.DataFrame
    spans: pd.DataFrame


class ProgrammeSchedule:
    """A fair's programme as what changes for a simulated crowd."""

    def __init__(self, hall: FairHall, programme: FairProgramme, groups: float) -> None:
        self._hall, self._programme, self._groups = hall, programme, groups
        self._stage = hall.find_stand(STAGE)

    def find_arrivals_per_s(self, now_s: float) -> float:
        """Groups a second."""
        weights = self._programme.hour_weights
        part = int(now_s / self._programme.open_s * len(weights))
        if not 0 <= part < len(weights):
            return 0.0
        return self._groups * weights[part] / sum(weights) / (self._programme.open_s / len(weights))

    def is_closing(self, now_s: float) -> bool:
        """Whether the fair is over."""
        return now_s > self._programme.open_s

    def find_attractions(self, now_s: float) -> FloatArray:
        """Of the stands, shape (stands,)."""
        return self._programme.find_attractions(self._hall, now_s)

    def draw_call(self, stand: int | None, now_s: float, rng: np.random.Generator) -> int | None:
        """To the stage, when a talk is about to begin."""
        talk = self._programme.find_called(now_s)
        if talk is None or stand == self._stage:
            return None
        is_emptied = stand is not None and self._hall.stands[stand].name == talk.empties
        return self._stage if is_emptied or rng.random() < talk.share else None

    def draw_leave_s(self, stand: int, now_s: float, until_s: float, rng: np.random.Generator) -> float:
        """At the end of a talk, or when one begins that empties the stand."""
        name = self._hall.stands[stand].name
        for talk in self._programme.talks:
            if stand == self._stage and talk.start_s - CALLED_S <= now_s < talk.end_s:
                return talk.end_s + float(rng.uniform(0.0, 15.0))
            called_s = talk.start_s - float(rng.uniform(0.0, 200.0))
            if name == talk.empties and now_s < talk.end_s and until_s > called_s:
                return max(now_s + 3.0, called_s)
        return until_s


def simulate_planted_day(
    *,
    hall: FairHall,
    programme: FairProgramme,
    seed: int,
    until_s: float | None = None,
    interval_s: float = 1.0,
    on_progress: Callable[[float], None] = lambda _: None,
) -> PlantedDay:
    """A day of a fair with bodies; the same arguments give the same day. Takes minutes.

    What the passage lets through follows from its width here, not from the programme.

    Args:
        until_s: stop earlier than when all have left.
        interval_s: between two rows of one visitor.
        on_progress: gets 0 to 1; may raise to stop.

    Raises:
        ExpoFlowError: JuPedSim is not installed.
    """
    duration_s = programme.open_s + AFTER_CLOSING_S if until_s is None else until_s
    companions = float(np.arange(len(COMPANION_SHARES)) @ COMPANION_SHARES)
    paths = simulate_crowd(
        layout=_serve(hall, programme),
        duration_s=duration_s,
        seed=seed,
        settings=_HABITS,
        schedule=ProgrammeSchedule(hall, programme, programme.visitors / (1 + companions)),
        on_progress=on_progress,
    )
    times_s = np.arange(0.0, duration_s, interval_s)
    spans = pd.DataFrame(
        {"camera": [str(CAMERA)], "start_s": [0.0], "end_s": [duration_s], "frames": [len(times_s)]}
    ).astype({column.name: column.dtype for column in SPAN_COLUMNS})
    return PlantedDay(paths, make_true_tracks(paths=paths, times_s=times_s, camera=CAMERA), spans)


def _serve(hall: FairHall, programme: FairProgramme) -> ExhibitionLayout:
    layout = hall.make_layout()
    stands = tuple(
        replace(stand, median_dwell_s=programme.served_s) if str(stand.zone.name) == COFFEE else stand
        for stand in layout.hall.stands
    )
    return replace(layout, hall=replace(layout.hall, stands=stands))
