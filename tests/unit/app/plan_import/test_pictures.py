from __future__ import annotations

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from analytics.domain.errors import VenueError
from app.plan_import.imported_plan import MAX_SIDE_PX
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
    assert plan.sheet_width_mm == 200.0
    assert plan.scale_of_drawing(100) == pytest.approx(20.0 / MAX_SIDE_PX)


def test_letters_in_svg_are_painted_with_our_own_font() -> None:
    plan = read_svg_plan(make_svg('<text x="10" y="60" font-size="40" font-family="Arial">A1 展台</text>'))
    assert plan.picture is not None
    assert (plan.picture < 100).any()


def test_a_tall_drawing_is_as_tall_as_is_useful_and_pixels_are_no_paper() -> None:
    plan = read_svg_plan(make_svg("<g/>", attributes='viewBox="0 0 50 100"'))
    assert plan.picture is not None
    assert plan.picture.shape[0] == MAX_SIDE_PX
    assert plan.sheet_width_mm is None
    assert plan.scale_of_drawing(100) is None


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
        (make_svg("", attributes=""), "how large"),
        (make_svg("", attributes='width="0" height="5"'), "how large"),
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
    # 10 inches of a drawing of 1:200 are 50.8 m
    scale = plan.scale_of_drawing(200)
    assert scale is not None
    assert scale * MAX_SIDE_PX == pytest.approx(50.8)


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
