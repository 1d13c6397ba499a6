"""What is said of places that hold no person, and of staff, in the window's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.core.document import Venue
from app.floor_plan.corrected_period import (
    CorrectedPeriod,
    ListedPlace,
    PlaceState,
    StaffComparison,
    list_places,
    sum_left_out,
)
from app.gui.session.cell_text import format_duration
from app.gui.session.translation import tr, trn

if TYPE_CHECKING:
    from analytics.visitors.cameras.lone_sights import LoneSights
    from analytics.visitors.false_positives.brief_apparitions import Apparitions


def describe_places(
    places: Sequence[ListedPlace], apparitions: Apparitions | None, lone_sights: LoneSights | None = None
) -> str:
    """How many there are of each kind.

    Args:
        apparitions: what was seen too briefly to have a place; None: nothing was observed.
        lone_sights: what was seen by one camera alone where others should have seen it.
    """
    if apparitions is None and not places:
        return tr("Nothing was observed in this period.")
    parts = []
    proposed = sum(place.state is PlaceState.PROPOSED for place in places)
    if proposed:
        parts.append(trn("{n} place to be decided", "{n} places to be decided", proposed))
    parts += [describe_left_out(places), _describe_apparitions(apparitions), _describe_lone(lone_sights)]
    if said := tr("; ").join(part for part in parts if part):
        return said
    if places:
        return tr("Every place was decided to be a person.")
    return tr("Nothing in this period stood so still that it may be no person.")


def _describe_apparitions(apparitions: Apparitions | None) -> str:
    if apparitions is None or not apparitions.count:
        return ""
    return trn(
        "{n} brief appearance without a person left out ({seen})",
        "{n} brief appearances without a person left out ({seen})",
        apparitions.count,
        seen=format_duration(apparitions.seconds),
    )


def _describe_lone(lone_sights: LoneSights | None) -> str:
    if lone_sights is None or not lone_sights.count:
        return ""
    return trn(
        "{n} appearance before one camera alone, where others saw nobody, left out ({seen})",
        "{n} appearances before one camera alone, where others saw nobody, left out ({seen})",
        lone_sights.count,
        seen=format_duration(lone_sights.seconds),
    )


def describe_left_out(places: Sequence[ListedPlace]) -> str:
    """How many places are in no number, and how long something was seen there; empty for none."""
    count, seconds = sum_left_out(places)
    if not count:
        return ""
    return trn(
        "{n} place without a person left out ({seen})",
        "{n} places without a person left out ({seen})",
        count,
        seen=format_duration(seconds),
    )


def add_left_out(note: str, venue: Venue, corrected: CorrectedPeriod | None) -> str:
    """What has to be known of a period's figures, and what was left out of them."""
    if corrected is None:
        return note
    places = list_places(venue.corrections, corrected.identified)
    return tr("; ").join(part for part in (note, describe_left_out(places)) if part)


def describe_staff(found: StaffComparison | None, *, is_left_out: bool) -> str:
    """How many are likely to work here, and what becomes of them."""
    if found is None:
        return ""
    if not found.people:
        return tr("Nobody was here so long, and so much at one place, that they are likely to work here.")
    here = trn(
        "{n} person is likely to work here ({seen} in view).",
        "{n} people are likely to work here ({seen} in view together).",
        len(found.people),
        seen=format_duration(sum(person.presence_s for person in found.people)),
    )
    counted = tr("Staff are in no number.") if is_left_out else tr("Staff are counted.")
    return tr("{sentence} {next_sentence}", sentence=here, next_sentence=counted)
