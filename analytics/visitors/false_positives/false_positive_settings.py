"""When what was taken for a visitor was nobody; values that nobody sets by hand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApparitionSettings:
    """When a visitor was nobody.

    Attributes:
        longest_s: nobody appears in the middle of the floor, stays and vanishes within so long. Whoever does
            for longer may be a person whose other tracks were not found.
        still_m: nine tenths of the places stay within this distance of their median.
        edge_m: begin and end are farther than this from the edge of the view and from doors.
        watched_s: so long before and after, the camera was watching.
    """

    longest_s: float = 8.0
    still_m: float = 0.3
    edge_m: float = 1.0
    watched_s: float = 1.0


@dataclass(frozen=True, slots=True)
class UncorroboratedTrackSettings:
    """When one camera alone is not believed, which others should confirm.

    In eleven scenes with three to five cameras 5.4 % of the people were double, and are 1.9 % with it.

    Attributes:
        min_chance: a camera is a witness where it sees so many of those whom others see there.
        least_s, longest_gap_s: so long; with gaps of the track up to this.
        stays_m, longest_stay_s: who is within so little of their place again so soon was there all the time.
        apart_m: two cameras that place somebody each alone, so far apart at most, may mean one person.
        short_m: who is shorter may well be seen by the nearest camera alone.
        awake_s: a camera is no witness if it saw nobody so long before and after.
        cell_m, learned_over_s: how much a camera sees is learned by cells of this width, for this long.
        prior_looks: so many half seconds in which it would have seen nobody are added.
    """

    min_chance: float = 0.5
    least_s: float = 4.0
    longest_gap_s: float = 4.0
    stays_m: float = 1.0
    longest_stay_s: float = 30.0
    apart_m: float = 2.0
    short_m: float = 1.4
    awake_s: float = 2.0
    cell_m: float = 0.75
    learned_over_s: float = 900.0
    prior_looks: float = 10.0
