"""Visits of many days in milliseconds: itineraries over zones, with what makes days and visitors alike.

Nobody walks here: a group chooses its next zone by attraction and distance, stays, and goes on. For testing
comparisons of periods, which need hundreds of fairs, of days that differ and of visitors who come in groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.columns import VISIT_COLUMNS
from analytics.domain.arrays import FloatArray, IntArray

WALK_M_S = 1.1
MAX_STOPS = 40


@dataclass(frozen=True, slots=True)
class ItinerarySettings:
    """A fair of zones on a grid, and how its days and visitors vary.

    Attributes:
        groups_per_h: arrivals, as in a Poisson process.
        group_shares: of groups of 1, 2, 3 and 4 people.
        exit_weight: of leaving, against the sum of the zones' attractions.
        distance_per_m: how fast a zone's pull falls with the way to it.
        revisit: what is left of a zone's pull for those who were there.
        median_dwell_s, sigma_log: of a person's stay, log-normal.
        group_correlation: the share of the stays' variance that the people of a group have in common.
        day_attendance, day_dwell: standard deviations of what a day does to the logarithms of arrivals, and
            of stays in all zones alike.
        day_zone_dwell, day_zone_pull: of what a day does to one zone's stays and its pull.
    """

    zones: int = 12
    spacing_m: float = 8.0
    groups_per_h: float = 15.0
    group_shares: tuple[float, ...] = (0.4, 0.35, 0.15, 0.1)
    exit_weight: float = 0.25
    distance_per_m: float = 0.05
    revisit: float = 0.2
    median_dwell_s: float = 40.0
    sigma_log: float = 0.8
    group_correlation: float = 0.5
    day_attendance: float = 0.15
    day_dwell: float = 0.1
    day_zone_dwell: float = 0.0
    day_zone_pull: float = 0.0

    def names(self) -> tuple[str, ...]:
        """The zones' names in their order."""
        return tuple(f"zone {number + 1}" for number in range(self.zones))


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedDay:
    """One day's visits, all of them seen whole.

    Attributes:
        visits: columns of ``VISIT_COLUMNS``; times count from the opening, some leave after closing.
        visitors: who came.
    """

    visits: pd.DataFrame
    visitors: int


def simulate_itineraries(
    *,
    settings: ItinerarySettings,
    open_h: float,
    random: np.random.Generator,
    pull: FloatArray | None = None,
    dwell: FloatArray | None = None,
) -> SimulatedDay:
    """A day of visits.

    Group g goes from zone i to zone j with the weight A_j exp(-beta d_ij), times ``revisit`` where it was
    before: a multinomial logit choice. A stay is median exp(day + sigma (sqrt(r) e_g + sqrt(1 - r) e_p)).

    Args:
        pull, dwell: what a layout makes of each zone's attraction and stays; shape (zones,), 1 by default.
    """
    days = random.normal(size=2) * (settings.day_attendance, settings.day_dwell)
    of_zone = random.normal(size=(2, settings.zones))
    attraction = np.ones(settings.zones) if pull is None else pull
    attraction = attraction * np.exp(settings.day_zone_pull * of_zone[0])
    log_dwell = np.zeros(settings.zones) if dwell is None else np.log(dwell)
    log_dwell = np.log(settings.median_dwell_s) + log_dwell + days[1] + settings.day_zone_dwell * of_zone[1]
    groups = int(random.poisson(settings.groups_per_h * open_h * np.exp(days[0])))
    shares = np.asarray(settings.group_shares) / sum(settings.group_shares)
    sizes = random.choice(np.arange(1, len(shares) + 1), size=groups, p=shares)
    arrived_s = random.uniform(0.0, open_h * 3600.0, groups)
    group, zone, entered_s, left_s = _walk(settings, attraction, log_dwell, sizes, arrived_s, random)
    visits = pd.DataFrame(
        {
            "visitor": group,
            "zone": pd.Series(np.asarray(settings.names(), object)[zone], dtype="str"),
            "entered_s": entered_s,
            "left_s": left_s,
            "seconds": left_s - entered_s,
            "censored_start": 0,
            "censored_end": 0,
        }
    )
    visits = visits.sort_values(["entered_s", "visitor"], kind="stable", ignore_index=True)
    return SimulatedDay(
        visits.astype({column.name: column.dtype for column in VISIT_COLUMNS}), int(sizes.sum())
    )


def _walk(
    settings: ItinerarySettings,
    attraction: FloatArray,
    log_dwell: FloatArray,
    sizes: IntArray,
    arrived_s: FloatArray,
    random: np.random.Generator,
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Visitor, zone, entry and leave of every visit; a group goes on when its last member has seen enough."""
    place = np.arange(settings.zones)
    columns = int(np.ceil(np.sqrt(settings.zones)))
    xy_m = np.column_stack([place % columns, place // columns]) * settings.spacing_m
    between_m = np.abs(xy_m[:, None] - xy_m[None]).sum(axis=2)
    from_door_m = xy_m.sum(axis=1)
    first_person = np.cumsum(sizes) - sizes
    shared = np.sqrt(settings.group_correlation) * settings.sigma_log
    own = np.sqrt(1 - settings.group_correlation) * settings.sigma_log
    walking, at, clock_s = np.arange(len(sizes)), np.full(len(sizes), -1), arrived_s.copy()
    was_there = np.zeros((len(sizes), settings.zones), bool)
    found: list[tuple[IntArray, IntArray, FloatArray, FloatArray]] = []
    for _ in range(MAX_STOPS):
        if not len(walking):
            break
        way_m = np.where((at[walking] >= 0)[:, None], between_m[at[walking]], from_door_m)
        weight = attraction * np.exp(-settings.distance_per_m * way_m)
        weight *= np.where(was_there[walking], settings.revisit, 1.0)
        weight[at[walking] >= 0, at[walking][at[walking] >= 0]] = 0.0
        leaving = settings.exit_weight * attraction.mean() * np.ones((len(walking), 1))
        total = np.cumsum(np.hstack([weight, leaving]), axis=1)
        drawn = random.uniform(size=len(walking)) * total[:, -1]
        choice = np.minimum((drawn[:, None] >= total).sum(axis=1), settings.zones)
        stays = choice < settings.zones
        walking, choice, way_m = walking[stays], choice[stays], way_m[stays, choice[stays]]
        entered_s = clock_s[walking] + way_m / WALK_M_S
        size = sizes[walking]
        person = np.repeat(first_person[walking] - (np.cumsum(size) - size), size) + np.arange(size.sum())
        of_group = np.repeat(shared * random.normal(size=len(walking)), size)
        of_person = own * random.normal(size=len(person))
        seconds = np.exp(np.repeat(log_dwell[choice], size) + of_group + of_person)
        starts = np.cumsum(size) - size
        longest_s = np.maximum.reduceat(seconds, starts) if len(seconds) else np.empty(0)
        entries_s = np.repeat(entered_s, size)
        found.append((person, np.repeat(choice, size), entries_s, entries_s + seconds))
        clock_s[walking] = entered_s + longest_s
        was_there[walking, choice] = True
        at[walking] = choice
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0)
    person, zone, entered, left = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return person.astype(np.int64), zone.astype(np.int64), entered, left
