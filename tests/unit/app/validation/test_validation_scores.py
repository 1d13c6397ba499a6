from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.domain.errors import LabelError, StoreError
from analytics.domain.identifiers import CameraId
from analytics.evaluation.clip_labels import Clip
from app.core.document import Venue
from app.validation.validation_labels import ValidationLabels
from app.validation.validation_plan import count_open_clips, draw_next_clip, find_seen_lines, plan_validation
from app.validation.validation_scores import score_validation
from tests.support.halls.validated_venue import (
    CAMERA,
    EVERY_S,
    HALL_M,
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
    assert scored.plan is None


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


def test_the_plan_knows_how_full_the_hall_was(venue: Venue) -> None:
    plan = plan_validation(venue)
    assert plan.counting is not None
    assert plan.occupancy is not None
    assert {load.stratum.hour for load in plan.loads} == {9}
    minutes = sum(load.seconds for load in plan.loads) / 60
    assert minutes == pytest.approx(25.0)
    crossings = sum(load.crossings_per_min * load.seconds / 60 for load in plan.loads)
    assert crossings == pytest.approx(0.9 * 297, abs=3)
    people = sum(load.people * load.seconds for load in plan.loads) / sum(load.seconds for load in plan.loads)
    assert people == pytest.approx(0.9 * HALL_M[0] / WALK_M_S / EVERY_S, rel=0.03)
    # 1.96² times the assumed variance of an event over the margin squared, at 10.8 events a clip, is 21
    assert 21 <= plan.counting.clips <= 27
    assert plan.counting.is_reachable
    assert plan.chosen is not None
    assert plan.chosen.clips == max(plan.counting.clips, plan.occupancy.clips)


def test_what_was_labelled_changes_the_plan(venue: Venue) -> None:
    plan = plan_validation(venue)
    labels = replace(label_venue(), loads=plan.loads, bounds=plan.bounds)
    scored = score_validation(venue, labels)
    assert scored.plan is not None
    assert scored.plan.counting is not None
    assert plan.counting is not None
    # one in ten is missed, and always one in ten: the clips differ less than was assumed
    assert scored.plan.counting.spread.clips > 0
    assert scored.plan.counting.clips < plan.counting.clips


def test_a_venue_without_a_history_cannot_be_planned(venue: Venue, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no history in this period"):
        plan_validation(replace(venue, folder=tmp_path / "empty.expoflow"))
    with pytest.raises(StoreError, match="no history in this period"):
        plan_validation(venue, period_s=(START_S - 7200.0, START_S - 3600.0))


def test_a_camera_counts_the_lines_it_sees(venue: Venue) -> None:
    assert find_seen_lines(venue) == {CAMERA: frozenset({LINE})}
    (entry,) = venue.cameras
    corner = ((900.0, 0.0), (1100.0, 0.0), (1100.0, 300.0), (900.0, 300.0))
    half = replace(entry, camera=replace(entry.camera, mask=(corner,)))
    assert find_seen_lines(venue.with_camera(half)) == {CAMERA: frozenset()}


def test_the_next_clip_is_one_that_is_wanted(venue: Venue) -> None:
    plan = plan_validation(venue)
    assert plan.counting is not None
    labels = ValidationLabels("hall3", START_S, 60.0, plan.loads, plan.bounds)
    bounds = plan.bounds[CAMERA]
    wanted = count_open_clips(plan.counting, labels)
    fullest = max(plan.loads, key=lambda load: load.people)
    assert bounds.classify(fullest.people) is fullest.stratum.crowding
    draw = random.Random(1)
    taken: list[Clip] = []
    while clip := draw_next_clip(
        plan.counting,
        labels,
        venue=venue,
        now_utc_s=START_S,
        people={CAMERA: fullest.people, CameraId("unknown"): 3.0},
        waiting=taken,
        draw=draw,
    ):
        taken.append(clip)
    assert len(taken) == wanted[fullest.stratum] > 0
    assert {clip.stratum for clip in taken} == {fullest.stratum}
    assert fullest.stratum not in count_open_clips(plan.counting, labels, taken)
    # another hour wants none
    evening = draw_next_clip(
        plan.counting, labels, venue=venue, now_utc_s=START_S + 8 * 3600, people={CAMERA: 3.0}, draw=draw
    )
    assert evening is None
