"""``venue places``, ``venue decide`` and ``venue staff``: false positives and staff."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.console.console import print_json, print_message, print_table
from app.console.language import tr
from app.console.summary_table import NOT_OBSERVED, format_number, format_share

Folder = Annotated[Path, typer.Argument(help="The venue's folder, NAME.expoflow.")]
Start = Annotated[
    str | None,
    typer.Option("--from", help="Start: a day such as 2026-11-25, or a time in UTC; default: all."),
]
End = Annotated[str | None, typer.Option("--to", help="End: a day (inclusive), or a time in UTC.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]

STATE_NAMES = {"left_out": "left out", "proposed": "proposed: look at it", "kept": "kept: a person"}


class Verdict(StrEnum):
    """A person's verdict on a place."""

    THING = "thing"
    PERSON = "person"
    UNDECIDED = "undecided"


def list_places(folder: Folder, start: Start = None, end: End = None, as_json: AsJson = False) -> None:
    """List stationary detections, and whether they are counted."""
    from app.core.file_format import read_venue
    from app.core.periods import parse_limits
    from app.floor_plan.corrected_period import list_places as list_all
    from app.floor_plan.corrected_period import read_corrected_period, sum_left_out

    venue = read_venue(folder)
    start_s, end_s = parse_limits(venue.exhibition, start, end)
    corrected = read_corrected_period(venue, start_utc_s=start_s, end_utc_s=end_s)
    places = list_all(venue.corrections, corrected.identified)
    if as_json:
        print_json(
            [
                {
                    "camera": str(place.camera),
                    "x_m": round(place.x_m, 2),
                    "y_m": round(place.y_m, 2),
                    "seconds": place.seconds,
                    "state": place.state.value,
                    "decided": place.is_decided,
                }
                for place in places
            ]
        )
        return
    if not places:
        print_message(tr("No questionable stationary detections in this period."))
        return
    print_table(
        ("camera", "x, y in m", "seen", "state", "source"),
        [
            (
                place.camera,
                f"{place.x_m:.2f},{place.y_m:.2f}",
                format_number(place.seconds, " s"),
                STATE_NAMES[place.state.value],
                "decided" if place.is_decided else "found",
            )
            for place in places
        ],
    )
    count, seconds = sum_left_out(places)
    print_message(
        tr(
            "Places left out of all numbers: {count}, seen for {seconds:.0f} s in total.",
            count=count,
            seconds=seconds,
        )
    )
    print_message(
        tr(
            "Decide: {command}",
            command=f"python -m app venue decide {folder} CAMERA --at X,Y thing|person|undecided",
        )
    )


def decide(
    folder: Folder,
    camera: Annotated[str, typer.Argument(help="The camera that sees it.")],
    verdict: Annotated[Verdict, typer.Argument(help="The verdict.")],
    at: Annotated[str, typer.Option(help="Position on the plan in metres, such as 7.8,11.9.")],
) -> None:
    """Decide whether a stationary detection is a person, for the whole history."""
    from analytics.domain.identifiers import CameraId
    from analytics.visitors.false_positives.corrections import DecidedPlace, PlaceVerdict
    from app.floor_plan.corrected_period import DECISION_RADIUS_M, decide_place, forget_place

    x_m, y_m = parse_place(at)
    is_person = verdict is Verdict.PERSON
    decision = DecidedPlace(
        CameraId(camera),
        x_m,
        y_m,
        DECISION_RADIUS_M,
        PlaceVerdict.PERSON if is_person else PlaceVerdict.NOT_A_PERSON,
    )
    if verdict is Verdict.UNDECIDED:
        forget_place(folder, decision)
        print_message(tr("The decision about {at} of camera {camera} was removed.", at=at, camera=camera))
        return
    decide_place(folder, decision)
    verdict_text = tr("is counted as a person") if is_person else tr("is left out of all numbers")
    print_message(
        tr(
            "The stationary detection of camera {camera} at {at} {said}.",
            camera=camera,
            at=at,
            said=verdict_text,
        )
    )


def staff(
    folder: Folder,
    start: Start = None,
    end: End = None,
    leave_out: Annotated[
        bool | None,
        typer.Option("--leave-out/--count", help="Leave staff out of all numbers, or count them."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List likely staff, and every zone's figures with and without them."""
    from dataclasses import asdict

    from app.core.file_format import read_venue
    from app.core.periods import parse_limits
    from app.floor_plan.corrected_period import compare_staff, leave_staff_out, read_corrected_period

    venue = read_venue(folder) if leave_out is None else leave_staff_out(folder, leave_out)
    if leave_out is not None:
        print_message(
            tr("Staff of {folder} are now left out of all numbers.", folder=folder)
            if leave_out
            else tr("Staff of {folder} are now counted.", folder=folder)
        )
    start_s, end_s = parse_limits(venue.exhibition, start, end)
    corrected = read_corrected_period(venue, start_utc_s=start_s, end_utc_s=end_s)
    found = compare_staff(venue, corrected)
    if as_json:
        print_json(asdict(found))
        return
    if not found.people:
        print_message(tr("No likely staff found in this period."))
        return
    print_table(
        ("home zone", "present", "share in home zone", "first seen", "last seen"),
        [
            (
                person.home_zone,
                format_number(person.presence_s, " s"),
                format_share(person.home_share),
                format_number(person.first_s, " s"),
                format_number(person.last_s, " s"),
            )
            for person in found.people
        ],
        title=tr("Likely staff: {count}", count=len(found.people)),
    )
    print_table(
        ("zone", "visits with staff", "without", "mean dwell with staff", "without"),
        [
            (
                zone.name,
                NOT_OBSERVED if zone.visits_with is None else zone.visits_with,
                NOT_OBSERVED if zone.visits_without is None else zone.visits_without,
                format_number(zone.mean_dwell_with_s, " s"),
                format_number(zone.mean_dwell_without_s, " s"),
            )
            for zone in found.zones
        ],
    )
    print_message(tr("They are left out of all numbers.") if found.is_left_out else tr("They are counted."))


def parse_place(text: str) -> tuple[float, float]:
    """Parse two numbers such as ``7.8,11.9``."""
    number = r"([+-]?\d+(?:\.\d+)?)"
    match = re.fullmatch(rf"{number}\s*,\s*{number}", text.strip())
    if match is None:
        raise typer.BadParameter(tr("'{given}' is not a place such as 7.8,11.9", given=text))
    return float(match[1]), float(match[2])
