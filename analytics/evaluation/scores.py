"""Scores of a comparison with the truth, as values and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """A score with its interval; None without data, or with too little for an interval."""

    value: float | None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class ZoneScores:
    """Found over true values of one zone; None if the truth has no visit or the result no value.

    Attributes:
        true_visits, found_visits: the numbers themselves.
        visits_interval_holds, mean_dwell_interval_holds, median_dwell_interval_holds: whether the result's
            own interval contains the truth.
    """

    zone: str
    true_visits: int
    found_visits: float | None
    visits: float | None
    mean_dwell: float | None
    median_dwell: float | None
    person_seconds: float | None
    visits_interval_holds: bool | None
    mean_dwell_interval_holds: bool | None
    median_dwell_interval_holds: bool | None


@dataclass(frozen=True, slots=True)
class LineScores:
    """True and found crossings of one line in one direction, and the matched number."""

    line: str
    direction: str
    true: int
    found: int
    matched: int


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of a result against the truth.

    Attributes:
        visits, mean_dwell, median_dwell, person_seconds: found over true, the mean of the zones' ratios.
        long_stays: number of true visits of a minute or more.
        whole_long_stays: share of those with one listed visit that covers 80 %.
        people, identities: numbers in the truth and in the result.
        identities_per_person: mean number of identities of a person.
        double_people: share of the people with two identities at once for 3 s or more, without false objects.
        idf1, hota: on the floor, with a gate of 1 m.
        floor_error_rms_m, floor_error_median_m: of the positions within the gate.
        crossings: found over true.
        crossing_recall, crossing_precision: true crossings found within 2 s, and found ones that are true.
        block_s, blocks: length and number of the blocks of the intervals.
        method: of the intervals, or why there are none, as text.
    """

    visits: Score
    mean_dwell: Score
    median_dwell: Score
    person_seconds: Score
    whole_long_stays: Score
    identities_per_person: Score
    double_people: Score
    idf1: Score
    hota: Score
    floor_error_rms_m: Score
    floor_error_median_m: Score
    crossings: Score
    crossing_recall: Score
    crossing_precision: Score
    long_stays: int
    people: int
    identities: int
    zones: tuple[ZoneScores, ...]
    lines: tuple[LineScores, ...]
    block_s: float
    blocks: int
    method: str

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-ready dictionary of all attributes; a score as ``value`` and ``interval``."""
        return asdict(self)
