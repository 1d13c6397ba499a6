from __future__ import annotations

from pathlib import Path

from app.core.change_set import ChangeSet, Part, describe_difference
from app.plan.edit_geometry import RenameShape, SetMinimumStay, StartVersion
from app.plan.plan_shapes import Shape
from tests.unit.app.core.venues import make_full_venue


def test_a_history_that_grows_concerns_what_is_not_over_before_it_began_to_grow() -> None:
    grown = ChangeSet(events=True, events_from_utc_s=1000.0)
    assert grown.concerns(None)
    assert grown.concerns((0.0, 1000.5))
    assert not grown.concerns((0.0, 1000.0))


def test_other_changes_of_the_history_concern_every_period_and_other_changes_none() -> None:
    assert ChangeSet(events=True).concerns((0.0, 1.0))
    assert not ChangeSet(zones=True).concerns(None)


def test_the_log_names_renamed_zones_and_those_of_earlier_versions(tmp_path: Path) -> None:
    venue = make_full_venue(tmp_path / "hall.expoflow")
    first, second = (version.valid_from_utc_s for version in venue.geometry_versions)
    zone = str(venue.geometry_versions[0].zones[1].name)
    slower = SetMinimumStay(Shape(Part.ZONES, zone, first), 30.0).apply(venue)
    assert describe_difference(venue, slower) == {
        "zones changed": f"{zone} (minimum_stay_s: 3.0 -> 30.0)",
    }
    renamed = RenameShape(Shape(Part.ZONES, "A1 展台", second), "Acme").apply(venue)
    assert describe_difference(venue, renamed)["zones changed"] == "Acme (name: A1 展台 -> Acme)"
    started = StartVersion(2e9).apply(venue)
    assert describe_difference(venue, started) == {"versions of the zones": "2 -> 3"}
    assert describe_difference(venue, venue) == {}
