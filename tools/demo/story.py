"""The demonstration's fair: its hall, its days, what is planted in them, and what its organiser entered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time

from analytics.domain.floor_geometry import Point, Polygon, Polyline
from analytics.domain.identifiers import ZoneId
from analytics.domain.staff_shift import StaffShift
from analytics.domain.timed_event import TimedEvent, TimedNote
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.domain.zone_targets import AlarmMeasure, AlarmRule, ZoneTargets
from app.timeline.timeline_file import Timeline
from tools.fairs.fair_hall import CAFE, COFFEE, STAGE, FairDesign, FairHall, FairStand
from tools.fairs.fair_itineraries import VisitorHabits
from tools.fairs.planted_facts import PlantedFact, PlantedKind
from tools.fairs.planted_fair import PlantedFair, plant_facts

DAYS = 3
TIME_ZONE = "Asia/Shanghai"
"""Without daylight saving time, so that its days can be moved to any date."""
OPENS, CLOSES = time(10), time(18, 15)
OPEN_S, OBSERVED_S = 8 * 3600.0, 8.25 * 3600.0
"""Visitors are let in for eight hours; all have left when the fair closes, and the hall is seen empty."""
VISITORS = 950.0
HABITS = VisitorHabits(mean_stops=5.0, day_attendance=0.04, day_dwell=0.05)
_PULLS = {CAFE: 3.0, COFFEE: 6.0}
_BETTER_PULL = 3.0
_WORSE_PULL = 0.2
STAND_DWELL_S = 90.0
COUNTER_HEIGHT_M = 0.7
"""Of the stands: cameras look over them."""
STAND_NAMES = (
    "Robotics", "Optics", "Batteries", "Printing", "Drones",
    "Sensors", "Textiles", "Glass", "Software", "Mobility",
    "Medicine", "Energy", "Lighting", "Acoustics", "Ceramics",
    "Logistics", "Packaging", "Metals", "Timber", "Water",
)  # fmt: skip
_WIDTHS_M = (
    3.5, 2.5, 4.5, 3.5, 3.5,  3.5, 4.5, 2.5, 3.5, 3.5,
    3.5, 3.5, 2.5, 4.5, 2.5,  4.5, 3.5, 3.5, 2.5, 3.5,
)  # fmt: skip
_PASSAGE_M = 2.0
_TALKS = (
    "Robots at work",
    "Panel: materials of tomorrow",
    "Start-ups on stage",
    "Printing in metal",
)
_TALKS_S = tuple((3600.0 * hour, 3600.0 * hour + 1200.0) for hour in (1.0, 2.5, 4.5, 6.5))
_RENT_PER_M2, _CORNER_SURCHARGE = 260.0, 1.2
_STAND_DEPTH_M = 3.5
"""What an exhibitor pays for: counter and the floor in front of it."""
_STAFFED = "Robotics"
_SHORT_HOURS = (3.0, 4.0)
"""From 13 to 14 o'clock the busiest stand has one member of staff."""
_DOORS_M = (2.6, 2.0)
"""Of the floor at the doors: into the hall, and to either side."""
_INTO_LOBBY_M = 1.0
"""The counting lines are so far from the barriers that who comes in is followed before the line."""
STAGE_CAPACITY, CAFE_CAPACITY = 100, 15


@dataclass(frozen=True, slots=True)
class Story:
    """The fair with everything that is true of it.

    Attributes:
        fair: halls, programmes and planted facts.
        sponsor: a stand that the most popular route does not pass.
        busy: the stand that has too few staff for an hour of each day.
    """

    fair: PlantedFair
    sponsor: str
    busy: str

    @property
    def hall(self) -> FairHall:
        """The hall as it stands today."""
        return self.fair.halls[-1]


def tell_story() -> Story:
    """Return the fair; the second day's layout holds for the third day, too."""
    design = FairDesign(
        2, 5, _WIDTHS_M, _PASSAGE_M, entrance_at=0, exit_at=1, counter_height_m=COUNTER_HEIGHT_M
    )
    two_days = plant_facts(
        design,
        names=STAND_NAMES,
        visitors=VISITORS,
        open_s=OPEN_S,
        talks_s=_TALKS_S,
        better_pull=_BETTER_PULL,
    )
    halls = tuple(_furnish_stands(hall) for hall in (*two_days.halls, two_days.halls[-1]))
    (worse,) = two_days.find_facts(PlantedKind.WORSE_STAND)
    programme = two_days.programmes[0]
    programme = replace(programme, pulls={**programme.pulls, **_PULLS, worse.zone: _WORSE_PULL})
    fair = PlantedFair(halls, (programme,) * DAYS, two_days.facts)
    (better,) = fair.find_facts(PlantedKind.BETTER_STAND)
    (cold,) = fair.find_facts(PlantedKind.COLD_ZONE)
    return Story(fair, sponsor=_find_far_stand(halls[-1], avoided=(better.zone, cold.zone)), busy=better.zone)


def make_timeline(story: Story, opens_s: tuple[float, ...]) -> Timeline:
    """Return talks, shifts and a note; ``opens_s``: when each day opens, seconds since the epoch."""
    talks = story.fair.programmes[0].talks
    events = [
        TimedEvent(name, open_s + talk.start_s, open_s + talk.end_s, STAGE)
        for open_s in opens_s
        for name, talk in zip(_TALKS, talks, strict=True)
    ]
    shifts = []
    for open_s in opens_s:
        start_s, end_s = (open_s + 3600.0 * hour for hour in _SHORT_HOURS)
        shifts += [
            StaffShift(story.busy, open_s, start_s, 6.0),
            StaffShift(story.busy, start_s, end_s, 1.0),
            StaffShift(story.busy, end_s, open_s + OPEN_S, 6.0),
            StaffShift(_STAFFED, open_s, open_s + OPEN_S, 4.0),
        ]
    moved = [fact.zone for fact in story.fair.find_facts(PlantedKind.CHANGED_LAYOUT)]
    note = TimedNote(opens_s[1], f"{moved[0]} and {moved[1]} changed places overnight")
    return Timeline(tuple(events), (note,), tuple(shifts))


def make_targets(story: Story) -> tuple[ZoneTargets, ...]:
    """Return capacities, rents, expected visits, the sponsor and the alarm rules."""
    stands = [
        ZoneTargets(
            ZoneId(stand.name),
            rent=round(_find_rent(stand), -1),
            visits_per_day=_EXPECTED_VISITS,
            is_sponsor=stand.name == story.sponsor,
        )
        for stand in story.hall.booths
    ]
    queue = AlarmRule(AlarmMeasure.QUEUE, above=6.0, below=3.0)
    return (
        ZoneTargets(ZoneId(""), capacity=250, currency="EUR"),
        *stands,
        ZoneTargets(ZoneId(STAGE), capacity=STAGE_CAPACITY),
        ZoneTargets(ZoneId(CAFE), capacity=CAFE_CAPACITY),
        ZoneTargets(ZoneId(COFFEE), rules=(queue,)),
    )


def find_facts(story: Story, day: int | None) -> tuple[PlantedFact, ...]:
    """Return what is true of a day, or of the whole show for None."""
    return tuple(fact for fact in story.fair.facts if day is None or fact.day in (None, day))


_EXPECTED_VISITS = 150.0


def _furnish_stands(hall: FairHall) -> FairHall:
    """Return the hall with longer stays, zones up to the middle of counters, and lines in the lobby."""
    stands = []
    for item in hall.stands:
        if item.stand.zone.kind is ZoneKind.BOOTH:
            zone = replace(item.stand.zone, outline=_trim_zone(item))
            stand = replace(item.stand, zone=zone, median_dwell_s=STAND_DWELL_S)
            stands.append(replace(item, stand=stand))
        else:
            stands.append(item)
    doors = (
        _make_doors("Entrance doors", ZoneKind.ENTRANCE, hall.entrance),
        _make_doors("Exit doors", ZoneKind.EXIT, hall.exit),
    )
    return replace(
        hall,
        stands=tuple(stands),
        aisle_zones=(*hall.aisle_zones, *doors),
        lines=tuple(_shift_line(line) for line in hall.lines),
    )


def _make_doors(name: str, kind: ZoneKind, place: Point) -> Zone:
    x, y = _DOORS_M
    corners = [(0.0, place[1] - y), (x, place[1] - y), (x, place[1] + y), (0.0, place[1] + y)]
    return Zone(ZoneId(name), kind, Polygon.from_points(corners, what=f"zone '{name}'"))


def _shift_line(line: CountingLine) -> CountingLine:
    points = [(x + _INTO_LOBBY_M, y) for x, y in line.path.points]
    return replace(line, path=Polyline.from_points(points, what=f"line '{line.name}'"))


def _trim_zone(item: FairStand) -> Polygon:
    _, back, _, front = item.stand.footprint
    middle = (back + front) / 2
    left, low, right, high = item.stand.zone.outline.to_shape().bounds
    low, high = (middle, high) if low == back else (low, middle)
    corners = [(left, low), (right, low), (right, high), (left, high)]
    return Polygon.from_points(corners, what=f"zone '{item.name}'")


def _find_far_stand(hall: FairHall, *, avoided: tuple[str, ...]) -> str:
    """Return the stand farthest from the entrance."""
    stands = [stand for stand in hall.booths if stand.name not in avoided]
    return max(stands, key=lambda stand: stand.door_m).name


def _find_rent(stand: FairStand) -> float:
    rent = _RENT_PER_M2 * stand.width_m * _STAND_DEPTH_M
    return rent * _CORNER_SURCHARGE if stand.is_corner else rent
