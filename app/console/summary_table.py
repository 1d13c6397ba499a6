"""Tables of the summary of a period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from analytics.results.content import CellKind
from analytics.results.zone_figures import ZONE_COLUMNS, ZoneColumn
from app.console.console import print_message, print_table
from app.console.language import tr, translate_phrase

if TYPE_CHECKING:
    import pandas as pd

NOT_OBSERVED = "–"
_MAX_PLACES = 10


def print_gaps(gaps: pd.DataFrame) -> None:
    """Print how long each camera observed nothing and why; columns as in ``GAP_COLUMNS``."""
    from analytics.domain.gap_causes import describe_cause

    rows: Iterator[Any] = gaps.itertuples(index=False)
    for gap in rows:
        reason = describe_cause(str(gap.cause))
        print_message(
            tr(
                "Camera {camera} has a gap of {seconds:.1f} s ({cause}).",
                camera=gap.camera,
                seconds=gap.end_s - gap.start_s,
                cause=translate_phrase(reason),
            )
        )


def print_summary(summary: Mapping[str, Any]) -> None:
    """Print people, zones and lines of a summary.json."""
    people = summary["people_in_view"]
    print_table(
        ("frames analysed", "duration", "identities", "people in view, mean", "peak minute"),
        [
            (
                summary["analysed_frames"],
                f"{summary['duration_s']:.1f} s",
                summary["identities"],
                format_number(people["mean"]),
                format_number(people["peak_1min"]),
            )
        ],
    )
    if summary["zones"]:
        print_table(
            ("zone", *(column.short.template for column in ZONE_COLUMNS)),
            [
                (name, *(_format_cell(column, zone[column.key]) for column in ZONE_COLUMNS))
                for name, zone in summary["zones"].items()
            ],
        )
    if summary["lines"]:
        print_table(
            ("line", "in", "out", "coverage"),
            [
                (
                    name,
                    *(format_count(line[way]) for way in ("in", "out")),
                    format_share(line["coverage"]),
                )
                for name, line in summary["lines"].items()
            ],
        )
    for name, low in ((summary.get("low_count_warning") or {}).get("cameras") or {}).items():
        print_message(
            tr(
                "Camera {camera}: about {share} of the people in view were probably not counted, because "
                "they sit or are half hidden. A higher camera or a larger network helps.",
                camera=name,
                share=format_share(low["missing_share"]),
            )
        )
    _print_corrections(summary["false_persons"], summary["staff"])


def _print_corrections(false_persons: Mapping[str, Any], staff: Mapping[str, Any]) -> None:
    """Print what was excluded and what needs review; nothing if there is neither."""
    places = [
        (place, words)
        for kind, words in (("excluded", tr("left out")), ("proposed", tr("counted: needs review")))
        for place in false_persons[kind]
    ]
    places.sort(key=lambda one: -one[0]["seconds"])
    if places:
        print_table(
            ("camera", "x, y in m", "seen", "mistaken for a person"),
            [
                (
                    place["camera"],
                    f"{place['x_m']:.2f},{place['y_m']:.2f}",
                    format_number(place["seconds"], " s"),
                    words,
                )
                for place, words in places[:_MAX_PLACES]
            ],
        )
    if len(places) > _MAX_PLACES:
        print_message(
            tr(
                "These are the {shown} seen longest of {count} such places.",
                shown=_MAX_PLACES,
                count=len(places),
            )
        )
    for kind, head in (
        ("brief", "seen briefly, mistaken for a person"),
        ("lone", "mistaken for a person by one camera only"),
    ):
        if (found := false_persons[kind])["count"]:
            print_table(
                (head, "seen", "included in the figures"),
                [(found["count"], format_number(found["seconds"], " s"), tr("left out"))],
            )
    if staff["proposed"]:
        present_s = sum(person["presence_s"] for person in staff["proposed"])
        print_table(
            ("likely staff", "present", "included in the figures"),
            [
                (
                    len(staff["proposed"]),
                    format_number(present_s, " s"),
                    tr("left out") if staff["left_out"] else tr("counted"),
                )
            ],
        )


def _format_cell(column: ZoneColumn, value: float | None) -> str:
    match column.kind:
        case CellKind.COUNT:
            return format_count(None if value is None else round(value))
        case CellKind.SHARE:
            return format_share(value)
        case _:
            return format_number(value, f" {column.unit}".rstrip())


def format_count(value: int | None) -> str:
    """Format a count; a dash if unobserved."""
    return NOT_OBSERVED if value is None else str(value)


def format_number(value: float | None, unit: str = "") -> str:
    """Format a number with one decimal; a dash if unknown."""
    return NOT_OBSERVED if value is None else f"{value:.1f}{unit}"


def format_share(value: float | None) -> str:
    """Format a share in per cent; a dash if unknown."""
    return NOT_OBSERVED if value is None else tr("{value:.0f} %", value=100 * value)
