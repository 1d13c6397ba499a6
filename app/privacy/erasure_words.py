"""What erasing a period deletes, leaves and costs, in sentences."""

from __future__ import annotations

from datetime import datetime

from analytics.domain.exhibition import find_time_zone
from app.core.document import Venue
from app.core.number_words import Translator
from app.privacy.erase_period import Erasure

_NAMED_COPIES = 5


def describe_erasure(
    venue: Venue, planned: Erasure, *, has_copies_deleted: bool, tr: Translator
) -> list[str]:
    """Sentences for somebody who is to confirm an erasure, the most important first."""
    part = planned.part
    start, end = (format_moment(venue, moment_s) for moment_s in planned.period_s)
    sentences = [
        tr("From {start} to {end}, by the venue's clock.", start=start, end=end)
        if planned
        else tr("Nothing is stored of {start} to {end}.", start=start, end=end)
    ]
    if planned.camera is not None:
        sentences.append(
            tr(
                "Only what the camera {camera} saw. Cameras that looked at the same floor keep what they saw "
                "of the same people.",
                camera=planned.camera,
            )
        )
    if planned:
        sentences += [
            tr(
                "Erased for ever: about {points} track points, {hours:.1f} hours of observation; "
                "cameras: {names}.",
                points=part.points,
                names=", ".join(part.cameras) or "–",
                hours=part.observed_s / 3600,
            ),
            tr(
                "With them go kept tables of days ({days}) and labelled clips ({clips}). "
                "Where a day is erased in part, its other hours are computed again.",
                days=planned.kept_days,
                clips=planned.clips,
            ),
        ]
    if planned.lost_days:
        sentences.append(
            tr(
                "Days of which the tracks are kept no more: {days}. The figures of their other hours are "
                "lost, too.",
                days=planned.lost_days,
            )
            if planned.camera is None
            else tr(
                "Days of which the tracks are kept no more: {days}. Their figures cannot be told apart by "
                "camera: those of all cameras and hours are lost.",
                days=planned.lost_days,
            )
        )
    if part.recordings:
        sentences.append(
            tr("Recordings that were taken in and are forgotten: {names}.", names=", ".join(part.recordings))
        )
    if planned:
        sentences.append(
            tr(
                "The period counts as not observed afterwards, with the cause 'erased'. Events, sales, "
                "notes, alarms and finished reports stay; they name nobody."
            )
        )
    if planned.copies and (planned or has_copies_deleted):
        names = ", ".join(planned.copies[:_NAMED_COPIES])
        if len(planned.copies) > _NAMED_COPIES:
            names += ", …"
        sentences.append(
            tr(
                "Deleted as well, since they may hold a copy ({count}): {names}.",
                count=len(planned.copies),
                names=names,
            )
            if has_copies_deleted
            else tr(
                "These may hold a copy and stay ({count}): {names}. Copies elsewhere, such as archives of "
                "the venue, are to be deleted by hand.",
                count=len(planned.copies),
                names=names,
            )
        )
    if planned:
        sentences.append(tr("It cannot be undone."))
    return sentences


def format_moment(venue: Venue, moment_s: float) -> str:
    """A moment by the venue's clock."""
    zone = find_time_zone(venue.exhibition.time_zone)
    return datetime.fromtimestamp(moment_s, tz=zone).strftime("%Y-%m-%d %H:%M:%S")
