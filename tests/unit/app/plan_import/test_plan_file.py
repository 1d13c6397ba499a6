from __future__ import annotations

import multiprocessing
import random
from functools import partial
from pathlib import Path

import pytest

from analytics.domain.errors import VenueError
from app.plan_import import plan_file
from app.plan_import.dxf_plan import read_dxf_plan
from app.plan_import.plan_file import PlanKind, ReadingOptions, find_kind, read_plan_file
from app.plan_import.raster_plan import read_raster_plan, read_svg_plan
from tests.unit.app.plan_import.test_dxf_plan import draw, save
from tests.unit.app.plan_import.test_pictures import encode, make_pdf, make_svg, two_colours


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (encode(two_colours(), "PNG"), PlanKind.RASTER),
        (encode(two_colours(), "JPEG"), PlanKind.RASTER),
        (make_svg(""), PlanKind.SVG),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n' + make_svg(""), PlanKind.SVG),
        (make_pdf(), PlanKind.PDF),
        (save(draw()[0]), PlanKind.DXF),
        (b"999\nmade by hand\n0\nSECTION\n", PlanKind.DXF),
    ],
)
def test_a_file_is_known_by_its_content(content: bytes, kind: PlanKind) -> None:
    assert find_kind(content[:4096]) is kind


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"PK\x03\x04", b"<html></html>", b"#!/bin/sh\n", b"\x1f\x8b"]
)
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(VenueError, match="no plan that can be read"):
        find_kind(content)


def test_a_plan_comes_out_of_its_process_as_it_was_read(tmp_path: Path) -> None:
    picture_file, drawing = tmp_path / "plan.dat", tmp_path / "hall.dxf"
    picture_file.write_bytes(encode(two_colours(), "PNG"))
    drawing.write_bytes(save(draw(units=0)[0]))
    plan = read_plan_file(picture_file)
    assert plan.picture is not None
    assert plan.picture.shape == (40, 60, 3)
    hall = read_plan_file(drawing, options=ReadingOptions(unit="mm"))
    assert hall.outline is not None
    assert hall.outline.points[2] == (40.0, 25.0)


@pytest.mark.parametrize("seed", range(25))
def test_a_file_with_any_bytes_wrong_is_read_or_refused_in_words(seed: int) -> None:
    chance = random.Random(seed)
    good, read = chance.choice(
        [
            (encode(two_colours(), "PNG"), read_raster_plan),
            (encode(two_colours(), "JPEG"), read_raster_plan),
            (make_svg('<rect width="10" height="10"/>', attributes='viewBox="0 0 20 20"'), read_svg_plan),
            (save(draw()[0]), partial(read_dxf_plan, unit="mm")),
        ]
    )
    content = bytearray(good)
    for _ in range(chance.randrange(1, 30)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    del content[chance.randrange(len(content) // 2, len(content)) :]
    try:
        plan = read(bytes(content))
    except VenueError as refused:
        problem = refused.problem
        assert problem.endswith(".")
    else:
        assert plan.picture is not None or plan.outline is not None


def test_a_refusal_comes_out_in_the_same_words(tmp_path: Path) -> None:
    file = tmp_path / "plan.svg"
    file.write_bytes(make_svg("<script/>"))
    with pytest.raises(VenueError, match="holds a script") as refused:
        read_plan_file(file)
    assert refused.value.problem_template == "The SVG file holds a script, which a plan does not need."


def test_a_drawing_that_doubles_itself_without_end_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "plan.svg"
    levels = "".join(f'<g id="g{n}">' + f'<use xlink:href="#g{n - 1}"/>' * 10 + "</g>" for n in range(1, 9))
    file.write_bytes(
        make_svg(f'<defs><g id="g0"><rect width="1" height="1"/></g>{levels}</defs><use xlink:href="#g8"/>')
    )
    with pytest.raises(VenueError, match=r"within 2 s|damaged"):
        read_plan_file(file, longest_s=2.0)


def test_what_is_absent_or_too_large_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(VenueError, match="There is no"):
        read_plan_file(tmp_path / "none.png")
    file = tmp_path / "plan.png"
    file.write_bytes(encode(two_colours(), "PNG"))
    monkeypatch.setattr(plan_file, "MAX_FILE_BYTES", 10)
    with pytest.raises(VenueError, match=r"plan\.png has 0 MB"):
        read_plan_file(file)


def test_a_process_that_has_not_answered_in_time_is_ended(tmp_path: Path) -> None:
    file = tmp_path / "plan.svg"
    file.write_bytes(make_svg(""))
    with pytest.raises(VenueError, match=r"within 0 s"):
        read_plan_file(file, longest_s=0.01)
    assert not multiprocessing.active_children()
