"""A summary of a period as tables for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.cli.console import print_table

NOT_OBSERVED = "–"


def print_summary(summary: Mapping[str, Any]) -> None:
    """People, zones and lines of a summary.json."""
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
            ("zone", "visits", "mean dwell", "median", "p90", "person-seconds", "coverage"),
            [
                (
                    name,
                    zone["visits"],
                    format_number(zone["mean_dwell_s"], " s"),
                    format_number(zone["median_dwell_s"], " s"),
                    format_number(zone["p90_dwell_s"], " s"),
                    format_number(zone["person_seconds"]),
                    format_share(zone["coverage"]),
                )
                for name, zone in summary["zones"].items()
            ],
        )
    if summary["lines"]:
        print_table(
            ("line", "in", "out"),
            [(name, line["in"], line["out"]) for name, line in summary["lines"].items()],
        )


def format_number(value: float | None, unit: str = "") -> str:
    """One decimal, or a dash for what is not known."""
    return NOT_OBSERVED if value is None else f"{value:.1f}{unit}"


def format_share(value: float | None) -> str:
    """Per cent, or a dash for what is not known."""
    return NOT_OBSERVED if value is None else f"{value:.0%}"
