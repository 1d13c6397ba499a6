from __future__ import annotations

import multiprocessing
import random
import struct
import zlib
from functools import partial
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import pytest
from PIL import Image

from analytics.domain.errors import VenueError
from app.plan_import import dxf_plan, plan_file
from app.plan_import.dxf_plan import read_dxf_plan
from app.plan_import.imported_plan import MAX_SIDE_PX
from app.plan_import.plan_file import PlanKind, ReadingOptions, find_kind, read_plan_file
from app.plan_import.raster_plan import read_pdf_plan, read_raster_plan, read_svg_plan


def encode(picture: Image.Image, kind: str, **options: object) -> bytes:
    content = BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


def two_colours(mode: str = "RGB") -> Image.Image:
    picture = Image.new("RGB", (60, 40), (255, 0, 0))
    picture.paste((0, 0, 255), (0, 0, 30, 40))
    return picture.convert(mode)


def make_svg(inner: str, *, attributes: str = 'width="200mm" height="100mm" viewBox="0 0 200 100"') -> bytes:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {attributes}>'
        f"{inner}</svg>"
    ).encode()


def make_pdf(*, width_pt: float = 720, height_pt: float = 360, pages: int = 1) -> bytes:
    """Pages of which the left half is black, without any library that could be wrong in the same way."""
    stream = f"0 0 0 rg 0 0 {width_pt / 2} {height_pt} re f".encode()
    kids = " ".join(f"{3 + 2 * n} 0 R" for n in range(pages))
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode()]
    for n in range(pages):
        box = f"[0 0 {width_pt} {height_pt}]"
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox{box}/Contents {4 + 2 * n} 0 R>>".encode())
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
    content, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj%s endobj\n" % (number, text)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return content + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGB"), ("PNG", "P"), ("PNG", "RGBA"), ("JPEG", "RGB")])
def test_png_and_jpeg_are_read(kind: str, mode: str) -> None:
    picture = read_raster_plan(encode(two_colours(mode), kind)).picture
    assert picture is not None
    assert (picture.shape, picture.dtype) == ((40, 60, 3), np.uint8)
    assert picture[20, 5, 2] > 200 > 50 > picture[20, 5, 0]
    assert picture[20, 55, 0] > 200


def test_what_is_transparent_is_white_and_sixteen_bits_become_eight() -> None:
    clear = read_raster_plan(encode(Image.new("RGBA", (4, 4), (0, 0, 0, 0)), "PNG")).picture
    deep = read_raster_plan(encode(Image.fromarray(np.full((4, 4), 65535, np.uint16)), "PNG")).picture
    assert clear is not None
    assert deep is not None
    assert (clear == 255).all()
    assert (deep == 255).all()


def test_a_photograph_is_turned_as_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = read_raster_plan(encode(two_colours(), "JPEG", exif=exif)).picture
    assert picture is not None
    assert picture.shape == (60, 40, 3)


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGB", "I;16"])
def test_a_huge_scan_is_made_smaller_and_keeps_its_fine_lines(mode: str) -> None:
    lines = np.full((100, MAX_SIDE_PX * 2), 255, np.uint8)
    lines[:, ::32] = 0
    scan = Image.fromarray(lines.astype(np.uint16) * 257 if mode == "I;16" else lines)
    scan = scan if mode == "I;16" else scan.convert(mode)
    picture = read_raster_plan(encode(scan, "PNG")).picture
    assert picture is not None
    assert picture.shape == (50, MAX_SIDE_PX, 3)
    assert (picture[25, ::16] < 200).all()
    assert (picture[25, 8::16] > 250).all()


def make_bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (make_bomb(12_500, 12_500), "more than 150 million pixels"),
        (make_bomb(100_000, 100_000), "more than 150 million pixels"),
        (encode(two_colours(), "PNG")[:60], "damaged"),
        (encode(two_colours(), "JPEG")[:100], "damaged"),
        (b"GIF89a" + bytes(100), "damaged"),
        (b"", "damaged"),
    ],
)
def test_pictures_that_would_harm_are_refused(content: bytes, said: str) -> None:
    with pytest.raises(VenueError, match=said):
        read_raster_plan(content)


def test_a_drawing_in_svg_is_painted_on_white() -> None:
    plan = read_svg_plan(make_svg('<rect width="100" height="100" fill="#0000ff"/>'))
    assert plan.picture is not None
    assert plan.picture.shape == (MAX_SIDE_PX // 2, MAX_SIDE_PX, 3)
    assert tuple(plan.picture[100, 100]) == (0, 0, 255)
    assert tuple(plan.picture[100, -100]) == (255, 255, 255)


def test_letters_in_svg_are_painted_with_our_own_font() -> None:
    plan = read_svg_plan(make_svg('<text x="10" y="60" font-size="40" font-family="Arial">A1 展台</text>'))
    assert plan.picture is not None
    assert (plan.picture < 100).any()


def test_a_tall_drawing_is_as_tall_as_is_useful_and_pixels_are_no_paper() -> None:
    plan = read_svg_plan(make_svg("<g/>", attributes='viewBox="0 0 50 100"'))
    assert plan.picture is not None
    assert plan.picture.shape[0] == MAX_SIDE_PX


def test_pictures_within_svg_are_painted_and_links_are_no_harm() -> None:
    import base64

    embedded = base64.b64encode(encode(two_colours(), "PNG")).decode()
    image = f'<image width="200" height="100" xlink:href="data:image/png;base64,{embedded}"/>'
    plan = read_svg_plan(make_svg(f'<a href="https://example.org/">{image}</a>'))
    assert plan.picture is not None
    assert (plan.picture[:, :, 2] > 200).any()


ENTITIES = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (make_svg("<script>alert(1)</script>"), "script"),
        (make_svg('<rect onload="alert(1)"/>'), "script"),
        (make_svg('<image xlink:href="file:///etc/passwd"/>'), "refers to other files"),
        (make_svg('<image href="plan.png"/>'), "refers to other files"),
        (make_svg('<use xlink:href="http://192.0.2.1/a.svg#x"/>'), "refers to other files"),
        (make_svg('<image href="data:image/svg+xml;base64,AAAA"/>'), "refers to other files"),
        (make_svg("<style>@import 'http://192.0.2.1/a.css';</style>"), "refers to other files"),
        (make_svg("<rect style=\"fill: url('http://192.0.2.1/a.svg#p')\"/>"), "refers to other files"),
        (ENTITIES.encode() + make_svg("<text>&b;</text>"), "entities"),
        (
            b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + make_svg("<text>&x;</text>"),
            "entities",
        ),
        (b'<?xml-stylesheet href="a.css"?>' + make_svg(""), "refers to other files"),
        (make_svg("<g>" * 500 + "</g>" * 500), "deep"),
        (make_svg("<g>"), "damaged"),
        (b"<html><svg/></html>", "damaged"),
        (make_svg("", attributes=""), "does not state the size"),
        (make_svg("", attributes='width="0" height="5"'), "does not state the size"),
        (make_svg("").decode().encode("utf-16"), "damaged"),
    ],
)
def test_svg_that_would_harm_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(VenueError, match=said) as refused:
        read_svg_plan(content)
    assert refused.value.remedy.endswith(".")


def test_a_page_of_a_pdf_is_painted() -> None:
    plan = read_pdf_plan(make_pdf(pages=2), page=2)
    assert plan.picture is not None
    assert plan.picture.shape == (MAX_SIDE_PX // 2, MAX_SIDE_PX, 3)
    assert plan.picture[100, 100].max() < 10
    assert plan.picture[100, -100].min() > 245
    assert plan.pages == 2


@pytest.mark.parametrize(
    ("content", "page", "said"),
    [
        (make_pdf(), 2, "no page 2"),
        (make_pdf(), 0, "no page 0"),
        (b"%PDF-1.7 and then nothing", 1, "is damaged"),
        (b"", 1, "is damaged"),
    ],
)
def test_pdf_that_cannot_be_painted_is_refused(content: bytes, page: int, said: str) -> None:
    with pytest.raises(VenueError, match=said):
        read_pdf_plan(content, page=page)


WALL = [(1000, 1000), (41000, 1000), (41000, 26000), (1000, 26000)]


def box(x: float, y: float, width: float, depth: float) -> list[tuple[float, float]]:
    return [(x, y), (x + width, y), (x + width, y + depth), (x, y + depth)]


def draw(*, units: int = 4, with_wall: bool = True) -> tuple[Any, Any]:
    document = ezdxf.new("R2010")
    document.header["$INSUNITS"] = units
    space = document.modelspace()
    if with_wall:
        space.add_lwpolyline(WALL, close=True, dxfattribs={"layer": "WALLS"})
    return document, space


def save(document: Any) -> bytes:
    text = StringIO()
    document.write(text)
    return text.getvalue().encode()


def test_hall_and_stands_come_in_metres_from_the_hall_s_corner() -> None:
    document, space = draw()
    space.add_lwpolyline(box(6000, 6000, 3000, 3000), close=True, dxfattribs={"layer": "STANDS"})
    space.add_text("A12", dxfattribs={"insert": (7000, 7000)})
    space.add_circle((20000, 10000), 250)
    plan = read_dxf_plan(save(document), unit=None)
    assert plan.outline is not None
    assert plan.outline.points == ((0.0, 0.0), (40.0, 0.0), (40.0, 25.0), (0.0, 25.0))
    stand, pillar = plan.obstacles
    assert (stand.name, stand.outline.points) == ("A12", ((5.0, 5.0), (8.0, 5.0), (8.0, 8.0), (5.0, 8.0)))
    assert pillar.name == "obstacle 1"
    assert pillar.outline.to_shape().area == pytest.approx(3.1416 * 0.25**2, rel=0.2)
    assert plan.picture is None


@pytest.mark.parametrize(("units", "metres"), [(4, 40.0), (5, 400.0), (6, 40_000.0)])
def test_units_are_those_of_the_file(units: int, metres: float) -> None:
    document, _space = draw(units=units)
    if metres > dxf_plan.MAX_HALL_M:
        with pytest.raises(VenueError, match=r"in which unit|m long"):
            read_dxf_plan(save(document), unit=None)
        return
    plan = read_dxf_plan(save(document), unit=None)
    assert plan.outline is not None
    assert plan.outline.points[2][0] == metres


def test_a_file_without_a_unit_wants_one() -> None:
    document, _space = draw(units=0)
    with pytest.raises(VenueError, match="does not state its unit") as refused:
        read_dxf_plan(save(document), unit=None)
    assert "mm" in refused.value.remedy
    assert read_dxf_plan(save(document), unit="mm").outline is not None
    with pytest.raises(VenueError, match="'mile' is not a unit"):
        read_dxf_plan(save(document), unit="mile")


def test_walls_that_are_single_lines_enclose_a_hall() -> None:
    document, space = draw(with_wall=False)
    for start, end in zip(WALL, WALL[1:] + WALL[:1], strict=True):
        space.add_line(start, end)
    space.add_line((20000, 1000), (20000, 15000))
    plan = read_dxf_plan(save(document), unit=None)
    assert plan.outline is not None
    assert plan.outline.to_shape().area == pytest.approx(1000.0)


def test_stands_within_blocks_and_layers_are_found() -> None:
    document, space = draw()
    block = document.blocks.new("STAND")
    block.add_lwpolyline(box(0, 0, 3000, 3000), close=True)
    block.add_lwpolyline(box(500, 500, 1000, 1000), close=True)
    for x in (5000, 12000):
        space.add_blockref("STAND", (x, 5000), dxfattribs={"layer": "STANDS"})
    space.add_lwpolyline(box(30000, 5000, 2000, 2000), close=True, dxfattribs={"layer": "FURNITURE"})
    assert len(read_dxf_plan(save(document), unit=None).obstacles) == 3
    walls = read_dxf_plan(save(document), unit=None, layers=("WALLS",))
    assert (walls.obstacles, walls.outline is None) == ((), False)


def test_names_are_such_as_a_venue_can_keep() -> None:
    document, space = draw()
    space.add_lwpolyline(box(6000, 6000, 3000, 3000), close=True)
    space.add_text("  A\x0112 \t展台 " + "x" * 53 + " yyy", dxfattribs={"insert": (7000, 7000)})
    (stand,) = read_dxf_plan(save(document), unit=None).obstacles
    assert stand.name == "A12 展台 " + "x" * 53


def test_curves_become_corners() -> None:
    document, space = draw()
    space.add_lwpolyline([(5000, 5000, 1.0), (9000, 5000, 1.0)], format="xyb", close=True)
    (round_stand,) = read_dxf_plan(save(document), unit=None).obstacles
    assert round_stand.outline.to_shape().area == pytest.approx(3.1416 * 4, rel=0.02)


def test_a_binary_file_is_read_too() -> None:
    document, _space = draw()
    content = BytesIO()
    document.write(content, fmt="bin")
    assert read_dxf_plan(content.getvalue(), unit=None).outline is not None


def test_a_block_that_holds_itself_ends() -> None:
    document, space = draw()
    block = document.blocks.new("LOOP")
    block.add_lwpolyline(box(0, 0, 1000, 1000), close=True)
    block.add_blockref("LOOP", (1500, 0))
    block.add_blockref("LOOP", (0, 1500))
    space.add_blockref("LOOP", (5000, 5000))
    plan = read_dxf_plan(save(document), unit=None)
    assert plan.outline is not None


def test_more_lines_than_a_plan_needs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dxf_plan, "MAX_ENTITIES", 20)
    document, space = draw()
    for x in range(30):
        space.add_line((x, 0), (x, 9000))
    with pytest.raises(VenueError, match="more than 20 lines"):
        read_dxf_plan(save(document), unit=None)


@pytest.mark.parametrize(
    "content",
    [
        b"0\nSECTION\n2\nHEADER\n",
        save(draw()[0])[:5000],
        b"  0\nSECTION\n  2\nENTITIES\n  0\nLINE\n 10\nnot a number\n",
        b"AutoCAD Binary DXF\r\n\x1a\x00" + bytes(50),
        bytes(range(256)),
    ],
)
def test_damaged_files_are_refused_in_words(content: bytes) -> None:
    with pytest.raises(VenueError, match=r"damaged|unit|no closed outline"):
        read_dxf_plan(content, unit=None)


def test_a_drawing_without_a_hall_is_refused() -> None:
    document, space = draw(with_wall=False)
    space.add_line((0, 0), (9000, 0))
    with pytest.raises(VenueError, match="no closed outline"):
        read_dxf_plan(save(document), unit=None)


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
    with pytest.raises(VenueError, match="not a readable plan"):
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
    with pytest.raises(VenueError, match="contains a script") as refused:
        read_plan_file(file)
    assert refused.value.problem_template == "The SVG file contains a script, which is not allowed in a plan."


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
    with pytest.raises(VenueError, match=r"plan\.png is too large"):
        read_plan_file(file)


def test_a_process_that_has_not_answered_in_time_is_ended(tmp_path: Path) -> None:
    file = tmp_path / "plan.svg"
    file.write_bytes(make_svg(""))
    with pytest.raises(VenueError, match=r"within 0 s"):
        read_plan_file(file, longest_s=0.01)
    assert not multiprocessing.active_children()
