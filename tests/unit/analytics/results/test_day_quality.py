"""The quality of a period: its grade, the cause with the largest effect, and the figures that suffer."""

from __future__ import annotations

import pytest

from analytics.domain.identifiers import CameraId
from analytics.domain.uncounted_people import UncountedPeople
from analytics.flows.door_balance import DoorBalance, Nearer
from analytics.metrics.estimate import Estimate
from analytics.results.day_quality import SUFFERING, Cause, DayQuality, Grade, Loss, measure_day_quality
from analytics.results.zone_figures import PEOPLE, PERSON_SECONDS
from app.exhibition.exhibition_figures import OF_PLACE, PLACE_WORTH, CardFigure

AGREE = DoorBalance(820.0, 826.0, Estimate(824.0, (810.0, 838.0)), None, ("Entrance",), ("Exit",))


def measure(
    *,
    counted: float = 820.0,
    missing: float = 0.0,
    seen_share: float | None = 0.9,
    doors: tuple[str, ...] = ("door",),
) -> DayQuality:
    balance = DoorBalance(counted, 826.0, Estimate(826.0), Nearer.OUT_AS_MORE, ("Entrance",), ("Exit",))
    low = (UncountedPeople(CameraId("café"), 0.0, 600.0, 10.0, 10.0 * missing / (1.0 - missing)),)
    return measure_day_quality(
        doors=balance, low_counts=low if missing else (), seen_share=seen_share, drawn_doors=doors
    )


def test_a_day_on_which_hardly_anybody_is_missed_is_good_and_marks_nothing() -> None:
    assert measure() == DayQuality((), measure().doors)
    assert measure().grade is Grade.GOOD
    assert (
        measure_day_quality(doors=AGREE, low_counts=(), seen_share=None, drawn_doors=()).grade is Grade.GOOD
    )
    assert all(measure().find_loss(figure) is None for keys in SUFFERING.values() for figure in keys)


@pytest.mark.parametrize(
    ("quality", "loss", "grade"),
    [
        (measure(counted=660.0), Loss(Cause.DOORS, 1 - 660 / 826, ("Entrance",)), Grade.LIMITED),
        (measure(counted=600.0), Loss(Cause.DOORS, 1 - 600 / 826, ("Entrance",)), Grade.POOR),
        (measure(missing=0.2), Loss(Cause.SEATS, 0.2, ("café",)), Grade.LIMITED),
        (measure(missing=0.4), Loss(Cause.SEATS, 0.4, ("café",)), Grade.POOR),
        (measure(seen_share=0.4, doors=()), Loss(Cause.BREAKS, 0.6, ()), Grade.LIMITED),
        (measure(seen_share=0.2), Loss(Cause.BREAKS, 0.8, ("door",)), Grade.POOR),
    ],
)
def test_one_cause_marks_its_figures_and_no_others(quality: DayQuality, loss: Loss, grade: Grade) -> None:
    (found,) = quality.losses
    assert (found.cause, found.places, quality.grade) == (loss.cause, loss.places, grade)
    assert found.share == pytest.approx(loss.share)
    figures = {figure for keys in SUFFERING.values() for figure in keys}
    assert {figure for figure in figures if quality.find_loss(figure)} == SUFFERING[loss.cause]


def test_the_cause_with_the_largest_effect_comes_first() -> None:
    assert [loss.cause for loss in measure(counted=600.0, seen_share=0.4).losses] == [
        Cause.DOORS,
        Cause.BREAKS,
    ]
    assert [loss.cause for loss in measure(counted=700.0, seen_share=0.2).losses] == [
        Cause.BREAKS,
        Cause.DOORS,
    ]


def test_the_figures_that_suffer_are_those_of_the_pages() -> None:
    known = {figure.value for figure in CardFigure}
    known |= {column.key for column in (PEOPLE, PERSON_SECONDS, OF_PLACE, PLACE_WORTH)}
    assert {figure for keys in SUFFERING.values() for figure in keys} <= known
