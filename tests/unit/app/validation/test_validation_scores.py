from __future__ import annotations

from dataclasses import replace

import pytest

from analytics.domain.errors import LabelError
from analytics.domain.identifiers import CameraId
from app.core.document import Venue
from app.validation.validation_days import find_seen_lines
from app.validation.validation_scores import score_validation
from tests.support.halls.validated_venue import (
    CAMERA,
    LINE,
    START_S,
    UNSEEN_EVERY,
    WALK_M_S,
    is_in_view,
    label_clip,
    label_venue,
    list_entries,
    make_validated_venue,
)


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    return make_validated_venue(tmp_path_factory.mktemp("validated"))


def test_labels_are_scored_against_the_history(venue: Venue) -> None:
    scored = score_validation(venue, label_venue())
    total = scored.scores.total
    assert total.minutes == pytest.approx(10.0)
    counting = total.counting
    # every tenth visitor is unknown to the history
    assert counting.count.true == 120
    assert counting.count.found == counting.count.matched == 108
    assert counting.accuracy.value == pytest.approx(0.9, abs=0.01)
    assert counting.bias.interval is not None
    assert counting.bias.interval[1] < 0
    heads = total.occupancy
    assert heads.count.true == sum(len(clip.heads[0].foot_points_px) for clip in label_venue().clips)
    assert heads.count.true - heads.count.found == heads.count.errors == count_unknown_heads()
    assert total.dwell.bias.value == pytest.approx(0.0, abs=0.05)
    assert total.dwell.found_share.value == pytest.approx(0.9, abs=0.05)
    assert total.floor.rms_m.value == pytest.approx(0.0, abs=0.05)
    assert total.floor.place_rms_m.value == pytest.approx(0.1, abs=0.01)
    assert [camera.camera for camera in scored.scores.cameras] == [CAMERA]


def count_unknown_heads() -> int:
    unknown = [at for number, at in enumerate(list_entries()) if not number % UNSEEN_EVERY]
    middles = [(clip.clip.start_utc_s + clip.clip.end_utc_s) / 2 for clip in label_venue().clips]
    places_m = [WALK_M_S * (middle - at) for middle in middles for at in unknown]
    return sum(map(is_in_view, places_m))


def test_a_clip_in_which_the_system_did_not_look_counts_nowhere(venue: Venue) -> None:
    late = label_clip(START_S + 86400.0)
    scored = score_validation(venue, label_venue().with_clip(late))
    assert scored.unobserved == 1
    assert scored.scores.total.counting.count.true == 120
    with pytest.raises(LabelError, match="None of the labelled clips was analysed"):
        score_validation(venue, replace(label_venue(), clips=(late,)))


def test_labels_of_another_venue_are_refused(venue: Venue) -> None:
    labels = label_venue(clips=1)
    clip = replace(labels.clips[0].clip, camera=CameraId("south"))
    with pytest.raises(LabelError, match="'south'"):
        score_validation(venue, replace(labels, clips=(replace(labels.clips[0], clip=clip),)))
    with pytest.raises(LabelError, match="No clip"):
        score_validation(venue, replace(labels, clips=()))


def test_a_camera_counts_the_lines_it_sees(venue: Venue) -> None:
    assert find_seen_lines(venue) == {CAMERA: frozenset({LINE})}
    (entry,) = venue.cameras
    corner = ((900.0, 0.0), (1100.0, 0.0), (1100.0, 300.0), (900.0, 300.0))
    half = replace(entry, camera=replace(entry.camera, mask=(corner,)))
    assert find_seen_lines(venue.with_camera(half)) == {CAMERA: frozenset()}
