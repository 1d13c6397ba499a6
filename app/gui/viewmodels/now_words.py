"""The key figures of this moment in words."""

from __future__ import annotations

from app.gui.table_models.cell_text import ABSENT, format_duration, format_number, format_share
from app.gui.translation import display_name, tr, trn
from app.gui.viewmodels.now_state import NowTile
from app.operations.day_arrivals import DaySoFar
from app.operations.live_figures import HallNow, ZoneNow
from app.operations.recent_figures import RECENT_S, QueueWait, RecentFigures

NEARLY_FULL = 0.9
"""From this share of a capacity on a figure is shown as a warning."""


def make_tiles(
    hall: HallNow | None, recent: RecentFigures | None, day: DaySoFar | None
) -> tuple[NowTile, ...]:
    """The key figures from left to right."""
    return (
        _tell_people(hall),
        _tell_fullest(hall),
        _tell_arrivals(recent),
        _tell_queue(hall, recent),
        _tell_day(day),
    )


def name_weekday(weekday: int) -> str:
    """The name of a day of the week; 0 is Monday."""
    names = (
        tr("Monday"),
        tr("Tuesday"),
        tr("Wednesday"),
        tr("Thursday"),
        tr("Friday"),
        tr("Saturday"),
        tr("Sunday"),
    )
    return names[weekday]


def describe_use(people: int | None, capacity: int | None) -> tuple[str, str]:
    """People against capacity in words, and the tone of it."""
    if capacity is None:
        return tr("no capacity set"), "muted"
    if people is None:
        return tr("capacity {capacity}", capacity=format_number(capacity)), "muted"
    share = people / capacity
    words = tr("{share} of {capacity}", share=format_share(share), capacity=format_number(capacity))
    return words, "bad" if share > 1 else "warning" if share >= NEARLY_FULL else "good"


def describe_wait(wait: QueueWait | None) -> str:
    """Whether a wait can be relied on."""
    if wait is None or wait.wait_s is None:
        return tr("wait: too few people came to tell")
    if not wait.is_steady:
        return tr("wait {wait} or so: the queue is changing", wait=format_duration(wait.wait_s))
    return tr("wait {wait}", wait=format_duration(wait.wait_s))


def _tell_people(hall: HallNow | None) -> NowTile:
    people = None if hall is None else hall.people
    change, tone = describe_use(people, None if hall is None else hall.capacity)
    return NowTile(
        tr("People in the hall"),
        format_number(people),
        change=change,
        tone=tone,
        explanation=tr(
            "Confirmed people on the floor that the cameras see at this moment, everybody once where views "
            "overlap. Whoever stands where no camera looks is not counted."
        ),
    )


def _tell_fullest(hall: HallNow | None) -> NowTile:
    zone = None if hall is None else _find_fullest(hall.zones)
    explanation = tr(
        "The zone with the largest share of its capacity; where no capacity is set, the one with the most "
        "people per area. Level of service after Fruin (walkways): A above 3.25 m² per person, B 2.32, "
        "C 1.39, D 0.93, E 0.46, F below."
    )
    title = tr("Fullest zone")
    if zone is None:
        return NowTile(title, ABSENT, detail=tr("not observed"), explanation=explanation)
    change, tone = describe_use(zone.people, zone.capacity)
    return NowTile(
        title,
        display_name(zone.name),
        detail=trn(
            "{n} person, level {level}", "{n} people, level {level}", zone.people or 0, level=zone.level
        ),
        change=change,
        tone=tone,
        explanation=explanation,
    )


def _find_fullest(zones: tuple[ZoneNow, ...]) -> ZoneNow | None:
    seen = [zone for zone in zones if zone.people]
    with_capacity = [zone for zone in seen if zone.use is not None]
    if with_capacity:
        return max(with_capacity, key=lambda zone: zone.use or 0.0)
    return max(seen, key=lambda zone: zone.density_per_m2 or 0.0, default=None)


def _tell_arrivals(recent: RecentFigures | None) -> NowTile:
    detail = ""
    if recent is not None and not recent.has_entrance:
        detail = tr("no counting line of kind entrance")
    elif recent is not None and recent.observed_s <= 0:
        detail = tr("not observed")
    elif recent is not None and recent.observed_s < 0.95 * RECENT_S:
        detail = tr("{time} of 15:00 observed", time=format_duration(recent.observed_s))
    return NowTile(
        tr("Arrivals, 15 min"),
        format_number(None if recent is None else recent.arrivals),
        detail=detail,
        explanation=tr(
            "Inward crossings of all counting lines of kind entrance in the last 15 minutes. Time without "
            "observation is not made up for."
        ),
    )


def _tell_queue(hall: HallNow | None, recent: RecentFigures | None) -> NowTile:
    queues = [zone for zone in (hall.zones if hall is not None else ()) if zone.queue is not None]
    longest = max(queues, key=lambda zone: zone.queue or 0, default=None)
    explanation = tr(
        "People in the fullest zone of kind queue now, and how long people wait: by Little's law, people in "
        "the queue divided by arrivals a second, over the last 15 minutes. That holds while the queue is "
        "about as long at the end of these minutes as at their start."
    )
    title = tr("Longest queue")
    if longest is None:
        return NowTile(title, ABSENT, detail=tr("no observed zone of kind queue"), explanation=explanation)
    wait = None if recent is None else recent.waits.get(longest.name)
    return NowTile(
        title,
        format_number(longest.queue),
        detail=display_name(longest.name),
        change=describe_wait(wait),
        explanation=explanation,
    )


def _tell_day(day: DaySoFar | None) -> NowTile:
    title = tr("Today so far")
    explanation = tr(
        "Arrivals since midnight on the venue's own clock, in the minutes that were observed. Compared with "
        "the same weekday of up to four earlier weeks, only in minutes that were observed on both days."
    )
    if day is None:
        return NowTile(title, ABSENT, explanation=explanation)
    weekday = name_weekday(day.day.weekday())
    detail = tr("{hours} h observed", hours=format_number(day.observed_minutes / 60, decimals=1))
    if not day.is_complete and day.earlier_arrivals is None:
        change = tr("earlier weeks are being counted")
    elif day.earlier_arrivals is None:
        change = tr("no earlier {weekday}", weekday=weekday)
    elif day.change is None:
        change = tr("nobody came by then on the earlier {weekday}", weekday=weekday)
    else:
        sign = "+" if day.change >= 0 else "−"
        change = tr(
            "{sign}{share} against {weekday}: {now} and {then}",
            sign=sign,
            share=format_share(abs(day.change)),
            weekday=weekday,
            now=format_number(day.matched_arrivals),
            then=format_number(day.earlier_arrivals),
        )
    return NowTile(title, format_number(day.arrivals), detail, change, explanation=explanation)
