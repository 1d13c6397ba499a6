"""Changes between periods in plain words, as phrases to be translated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from analytics.comparison.block_figures import WHOLE_HALL, Metric
from analytics.comparison.matched_hours import MatchedHours
from analytics.comparison.period_comparison import (
    LEAST_DAYS,
    PeriodComparison,
    Refusal,
    Unit,
    Verdict,
    ZoneChange,
)
from analytics.domain.errors import Phrase

METRIC_NAMES: Mapping[Metric, Phrase] = {
    Metric.VISITS: Phrase("Visits an hour"),
    Metric.VISITS_PER_100: Phrase("Visits per 100 visitors"),
    Metric.MEAN_DWELL: Phrase("Mean dwell"),
    Metric.MEDIAN_DWELL: Phrase("Median dwell"),
    Metric.PERSON_SECONDS: Phrase("Person-seconds an hour"),
    Metric.CAPTURE: Phrase("Capture rate"),
    Metric.FOOTFALL: Phrase("Footfall an hour"),
}

_REASONS: Mapping[Refusal, Phrase] = {
    Refusal.NOT_ON_BOTH_SIDES: Phrase("there is no such zone on one of the sides"),
    Refusal.HARDLY_OBSERVED: Phrase("it was observed for less than 80 % on one of the sides"),
    Refusal.NOT_KNOWN: Phrase("it is not known on every day"),
    Refusal.TOO_FEW_VISITS: Phrase("there were fewer than 5 visits on some days"),
    Refusal.TOO_FEW_DAYS: Phrase("there are too few days"),
    Refusal.NO_CONTROLS: Phrase("too little is known of the zones that did not change"),
    Refusal.TOO_FEW_BLOCKS: Phrase("too few days are left on which it was observed"),
}

_SENTENCES: Mapping[Verdict, Phrase] = {
    Verdict.RISE: Phrase("{metric} at {zone} rose from {before} to {after}, interval {low} to {high}, real."),
    Verdict.FALL: Phrase("{metric} at {zone} fell from {before} to {after}, interval {low} to {high}, real."),
    Verdict.UNCERTAIN: Phrase(
        "{metric} at {zone} went from {before} to {after}, interval {low} to {high}; among {count} "
        "comparisons such a difference comes about by chance."
    ),
    Verdict.NO_EVIDENCE: Phrase(
        "{metric} at {zone}: no evidence of a change ({before}, then {after}, interval {low} to {high}); "
        "with these visitors only a change above {noticed} % would have been seen."
    ),
}
_RELATIVE_SENTENCES: Mapping[Verdict, Phrase] = {
    Verdict.RISE: Phrase(
        "{metric} at {zone} rose to {after}, where the zones that did not change let {before} be expected,"
        " interval {low} to {high}, real."
    ),
    Verdict.FALL: Phrase(
        "{metric} at {zone} fell to {after}, where the zones that did not change let {before} be expected,"
        " interval {low} to {high}, real."
    ),
    Verdict.UNCERTAIN: Phrase(
        "{metric} at {zone} is {after}, where the zones that did not change let {before} be expected, "
        "interval {low} to {high}; among {count} comparisons such a difference comes about by chance."
    ),
    Verdict.NO_EVIDENCE: Phrase(
        "{metric} at {zone}: no evidence of a change ({after}, where the zones that did not change let "
        "{before} be expected, interval {low} to {high}); with these visitors only a change above "
        "{noticed} % would have been seen."
    ),
}

_UNITS: Mapping[Unit, Phrase] = {
    Unit.DAYS: Phrase("Days compared: {a} with {b}, from {start} to {end}."),
    Unit.RELATIVE_DAYS: Phrase(
        "Days compared: {a} with {b}, from {start} to {end}, relative to the zones that did not change: "
        "{controls}."
    ),
    Unit.HALF_DAYS: Phrase(
        "The halves of {a} days are compared with those of {b} days, from {start} to {end}, "
        "relative to the zones that did not change: {controls}."
    ),
    Unit.ZONES: Phrase(
        "Days compared: {a} with {b}, from {start} to {end}; each zone's change is held against those of "
        "the zones that did not change: {controls}."
    ),
}


def describe_change(change: ZoneChange, comparison: PeriodComparison) -> Phrase:
    """The sentence about one change."""
    zone = Phrase("the whole hall") if change.zone == WHOLE_HALL else change.zone
    fields: dict[str, object] = {"metric": METRIC_NAMES[change.metric], "zone": zone}
    effect = change.effect
    if effect is None or change.level_a is None or change.level_b is None:
        reason = _REASONS[change.refusal or Refusal.NOT_KNOWN]
        return Phrase("{metric} at {zone} is not compared: {reason}.", {**fields, "reason": reason})
    is_relative = comparison.unit is not Unit.DAYS
    # what B would be without the change: A, or A as the other zones changed
    before = change.level_b / effect.ratio if is_relative else change.level_a
    low, high = (before * (limit - 1) for limit in effect.interval)
    fields |= {
        "before": _show(before, change.metric),
        "after": _show(change.level_b, change.metric),
        "low": _show(low, change.metric, is_signed=True),
        "high": _show(high, change.metric, is_signed=True),
        "noticed": f"{100 * (effect.smallest_noticed - 1):,.0f}",
        "count": sum(other.effect is not None for other in comparison.changes),
    }
    sentences = _RELATIVE_SENTENCES if is_relative else _SENTENCES
    return replace(sentences[change.verdict], fields=fields)


def describe_comparison(
    comparison: PeriodComparison,
    *,
    hours: MatchedHours | None,
    days: Sequence[Sequence[date]],
    unobserved: Sequence[date],
    forgotten: Sequence[date] = (),
    without_lengths: Sequence[date] = (),
    counted_otherwise: Sequence[str] = (),
    redrawn: Sequence[str],
    counts_footfall: bool,
) -> tuple[Phrase, ...]:
    """How it was compared, and what to be careful about.

    Args:
        days: those of either side that could be compared.
        forgotten: observed days of which neither tracks nor sums are kept any more.
        without_lengths: days of which it is not kept how long each visit lasted.
        counted_otherwise: zones that were others on some days, of which there are no tracks to count again.
        redrawn: zones whose outline is not the same on both sides.
        counts_footfall: visitors are who came in across the entrance lines.
    """
    notes = [_describe_unit(comparison, hours, days)]
    if hours is not None and hours.left_out:
        notes.append(Phrase("Left out, with too few hours: {days}.", {"days": _list(hours.left_out)}))
    if unobserved:
        notes.append(Phrase("Nothing was observed on {days}.", {"days": _list(unobserved)}))
    if forgotten:
        notes.append(
            Phrase(
                "Left out, since nothing is kept of them: {days}. Their tracks were deleted for their age.",
                {"days": _list(forgotten)},
            )
        )
    if without_lengths:
        notes.append(
            Phrase(
                "The median dwell cannot be told of {days}: they were counted by an older version, and their "
                "tracks were deleted for their age.",
                {"days": _list(without_lengths)},
            )
        )
    if counted_otherwise:
        notes.append(
            Phrase(
                "Redrawn for the past: {zones}. Days whose tracks were deleted for their age cannot be "
                "counted again and are left out there.",
                {"zones": ", ".join(counted_otherwise)},
            )
        )
    if redrawn:
        notes.append(
            Phrase(
                "The outline is not the same on both sides: {zones}. What changed may be the outline.",
                {"zones": ", ".join(redrawn)},
            )
        )
    losing = dict.fromkeys(change.zone for change in comparison.changes if change.is_tracked_differently)
    if losing:
        notes.append(
            Phrase(
                "People were tracked less well on one side: {zones}. What changed may be the measurement.",
                {"zones": ", ".join(losing)},
            )
        )
    is_per_visitor = any(change.metric is Metric.VISITS_PER_100 for change in comparison.changes)
    if comparison.unit is not None and is_per_visitor and not counts_footfall:
        notes.append(
            Phrase(
                "Visitors are counted by their tracks, since no entrance line is on both sides; where "
                "tracks break more often, there seem to be more."
            )
        )
    return tuple(notes)


def _describe_unit(
    comparison: PeriodComparison, hours: MatchedHours | None, days: Sequence[Sequence[date]]
) -> Phrase:
    if hours is None:
        return Phrase(
            "The two periods have no hour of the day in common in which both were open and observed."
        )
    fields: dict[str, object] = {
        "a": len(days[0]),
        "b": len(days[1]),
        "start": _show_hour(hours.start_s),
        "end": _show_hour(hours.end_s),
        "controls": ", ".join(comparison.controls),
        "least": LEAST_DAYS,
    }
    if comparison.unit is None:
        return Phrase(
            "Days that could be compared: {a} and {b}. Nothing can be told with fewer than {least} on each "
            "side, unless zones are named that did not change: one for two days on each side, four for one.",
            fields,
        )
    return replace(_UNITS[comparison.unit], fields=fields)


def _show(value: float, metric: Metric, *, is_signed: bool = False) -> Phrase:
    if metric is Metric.CAPTURE:
        value *= 100
    digits = 0 if abs(value) >= 100 or (abs(value) >= 10 and metric in _WHOLE) else 1
    text = f"{value:{'+' if is_signed else ''}.{digits}f}".replace("-", "−")
    return replace(_VALUES.get(metric, _PLAIN), fields={"value": text})


_WHOLE = (Metric.MEAN_DWELL, Metric.MEDIAN_DWELL, Metric.FOOTFALL)
_PLAIN = Phrase("{value}")
_VALUES: Mapping[Metric, Phrase] = {
    Metric.MEAN_DWELL: Phrase("{value} s"),
    Metric.MEDIAN_DWELL: Phrase("{value} s"),
    Metric.CAPTURE: Phrase("{value} %"),
}


def _show_hour(wall_s: float) -> str:
    minutes = round(wall_s / 60)
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _list(days: Sequence[date]) -> str:
    return ", ".join(day.isoformat() for day in days)
