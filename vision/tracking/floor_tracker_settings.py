"""Settings for the beginning, confirmation and end of tracks on the floor."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from analytics.domain.camera import NEW_TRACK_SCORE

SURE_SCORE = 0.6
"""Score of boxes that surely show somebody, and from which the heights of people are learned."""


@dataclass(frozen=True, slots=True)
class FloorTrackerSettings:
    """Tracker settings: times in seconds, scores of the detector, overlaps as intersection over union.

    Attributes:
        high_score: minimum score of detections in the first stage.
        low_score: weaker detections are ignored.
        new_track_score: minimum score of a detection that begins a track, unless the camera sets its own.
        confirm_sightings, confirm_s: sightings, and their time span, after which a track counts; its
            past is then reported too, at once or as below. A confirmed track never ends before so many missed
            frames: at two frames a second, a single miss is a second.
        sure_score, sure_s, sure_m: a counting track is reported, with its past, once its mean score is this
            high, or it has lasted or moved this far. A bag or the back of a chair is detected faintly, stays
            in place and disappears after a few seconds; a faint person who stands is reported so much
            later.
        doubted_s: a person found again after this time, and after ``confirm_sightings`` missed frames, is
            reported once seen as often and as long as an unconfirmed track needs to count, in half of the
            frames or over ``sure_s``; otherwise the track ends where it was before. A single box at the right
            place may be a second one of another person beside it. If the person could have been seen for so
            long, a weak detection does not find them again.
        tentative_lost_s: an unconfirmed track unseen for longer is dropped, once it missed a frame.
        walking_lost_s, standing_lost_s: a confirmed track ends, at its last sighting, when it was not seen
            for this long where it could have been seen.
        walking_hidden_s, standing_hidden_s: and when it was not seen for this long at all. A standing person
            is covered by a passer-by for a second or three, by one who stops in front for as long as that one
            stays, and is detected faintly now and then meanwhile.
        awaited_s: the same for a person who walked with a companion, whom they follow, and for one who was
            never detected strongly.
        outside_lost_s: the same for a track that has probably left the picture.
        min_missed_tentative: missed frames before which an unconfirmed track never ends.
        weak_s: weak detections continue a track for at most this time after its last strong one, so that a
            coat stand does not inherit the track of a person who left; seconds in which another person hides
            the person do not count, since a mostly hidden person is detected faintly at best. They also
            continue an unconfirmed track, but do not confirm it.
        weak_past_s: maximum age of weak detections that are added to a new track.
        duplicate_overlap: a detection that overlaps a person seen in this frame by more begins no track, and
            a track that has overlapped one so in half of its sightings does not count yet.
        tentative_cost: handicap of an unconfirmed track in the competition for a detection.
    """

    high_score: float = 0.4
    low_score: float = 0.1
    new_track_score: float = NEW_TRACK_SCORE
    confirm_sightings: int = 3
    confirm_s: float = 0.3
    sure_score: float = SURE_SCORE
    sure_s: float = 5.0
    sure_m: float = 0.7
    doubted_s: float = 2.0
    tentative_lost_s: float = 0.6
    walking_lost_s: float = 1.6
    standing_lost_s: float = 2.5
    walking_hidden_s: float = 3.0
    standing_hidden_s: float = 30.0
    awaited_s: float = 6.0
    outside_lost_s: float = 0.8
    min_missed_tentative: int = 2
    weak_s: float = 3.0
    weak_past_s: float = 0.5
    duplicate_overlap: float = 0.5
    tentative_cost: float = 3.0


def list_tracker_parameters() -> dict[str, object]:
    """Return the parameters of the floor tracker by their names, to be stored with a result."""
    return asdict(FloorTrackerSettings())
