"""By how much counts may be low because people were found too faintly."""

from __future__ import annotations

import pandas as pd

from analytics.columns import EVENT_COLUMNS, require_columns
from analytics.domain.event_sink import CameraEventKind
from analytics.domain.uncounted_people import LOW_COUNT_SHARE, UncountedPeople


def find_low_counts(events: pd.DataFrame, period_s: tuple[float, float]) -> tuple[UncountedPeople, ...]:
    """Return one entry for each camera whose count was low in a part of a period, by name.

    Stretches of a camera are joined, with means weighted by their lengths.

    Args:
        events: the log of the period and a little after it, columns of ``EVENT_COLUMNS``.
    """
    require_columns(events, EVENT_COLUMNS)
    start_s, end_s = period_s
    logged = events[events["kind"] == CameraEventKind.UNCOUNTED.value]
    by_camera: dict[str, list[UncountedPeople]] = {}
    for time_s, camera, detail in logged[["time_s", "camera", "detail"]].itertuples(index=False, name=None):
        found = UncountedPeople.from_event(time_s=float(time_s), camera=str(camera), detail=str(detail))
        if found is not None and found.start_s < end_s and found.end_s > start_s:
            by_camera.setdefault(str(camera), []).append(found)
    joined = (_join(found, start_s, end_s) for _, found in sorted(by_camera.items()))
    return tuple(found for found in joined if found.share >= LOW_COUNT_SHARE)


def _join(found: list[UncountedPeople], start_s: float, end_s: float) -> UncountedPeople:
    lengths_s = [min(one.end_s, end_s) - max(one.start_s, start_s) for one in found]
    total_s = sum(lengths_s)
    counted, uncounted = (
        sum(length_s * value for length_s, value in zip(lengths_s, values, strict=True)) / total_s
        for values in ([one.counted for one in found], [one.uncounted for one in found])
    )
    return UncountedPeople(
        found[0].camera,
        max(min(one.start_s for one in found), start_s),
        min(max(one.end_s for one in found), end_s),
        counted,
        uncounted,
    )


def describe_low_counts(low: tuple[UncountedPeople, ...], start_s: float) -> dict[str, object]:
    """Return the section ``low_count_warning``: None where no camera's count was low.

    Args:
        start_s: start of the period, from which the section's times count.
    """
    if not low:
        return {"low_count_warning": None}
    return {
        "low_count_warning": {
            "cameras": {
                str(one.camera): {
                    "start_s": round(one.start_s - start_s, 3),
                    "end_s": round(one.end_s - start_s, 3),
                    "people_counted": round(one.counted, 2),
                    "people_not_counted": round(one.uncounted, 2),
                    "missing_share": round(one.share, 3),
                }
                for one in low
            },
            "remedies": ["higher_camera", "larger_network"],
        }
    }
