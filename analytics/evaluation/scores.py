"""What a comparison with the truth says, as a value, as a dictionary for JSON and as a table."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Score:
    """A score with its interval; None where there is nothing to compare, or too little for an interval."""

    value: float | None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class ZoneScores:
    """Found over true values of one zone; None where the truth has no visit or the result no value.

    Attributes:
        true_visits, found_visits: the numbers themselves.
        visits_interval_holds, mean_dwell_interval_holds: whether the result's own interval holds the truth.
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


@dataclass(frozen=True, slots=True)
class LineScores:
    """True and found crossings of one line in one direction, and how many are at the same time in both."""

    line: str
    direction: str
    true: int
    found: int
    matched: int


@dataclass(frozen=True, slots=True)
class Scores:
    """A result measured against the truth.

    Attributes:
        visits, mean_dwell, median_dwell, person_seconds: found over true, the mean of the zones' ratios.
        long_stays: how many true visits of a minute or more there are.
        whole_long_stays: share of those of which one listed visit covers 80 %.
        people, identities: in the truth and in the result.
        identities_per_person: by how many identities a person is followed, on average.
        double_people: share of the people who have two identities at once for 3 s or more; posters and
            other things beside them are not counted.
        idf1, hota: on the floor, with a gate of 1 m.
        floor_error_rms_m, floor_error_median_m: of the positions within the gate.
        crossings: found over true.
        crossing_recall, crossing_precision: share of the true crossings that were found within 2 s, and of
            the found ones that are true.
        block_s: length of the blocks over which the intervals are taken.
        method: how the intervals are made, in words.
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
    method: str

    def to_dict(self) -> dict[str, object]:
        """For JSON: every attribute by its name; a score as ``value`` and ``interval``."""
        return asdict(self)

    def to_table(self) -> pd.DataFrame:
        """One row a score: ``score``, ``value``, ``low``, ``high``; missing where there is none."""
        # a window that plans a validation needs no table
        import pandas as pd

        rows = []
        for field in fields(self):
            score = getattr(self, field.name)
            if isinstance(score, Score):
                low, high = score.interval or (None, None)
                rows.append((field.name, score.value, low, high))
        table = pd.DataFrame(rows, columns=["score", "value", "low", "high"])
        return table.astype({"value": "float64", "low": "float64", "high": "float64"})
