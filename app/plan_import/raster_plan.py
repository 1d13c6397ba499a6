"""Plans as pictures: PNG, JPEG, SVG and PDF."""

from __future__ import annotations

import re
import warnings
from io import BytesIO
from xml.parsers import expat

import numpy as np
from PIL import Image, ImageOps

from analytics.domain.errors import Phrase, VenueError
from app.plan_import.imported_plan import MAX_PIXELS, MAX_SIDE_PX, ImportedPlan, Pixels
from resources.files import resource_path

MAX_ELEMENTS = 300_000
DEEPEST = 200
SCRIPTS = frozenset({"script", "handler", "iframe", "object", "embed"})
REFERENCES = frozenset({"href", "src"})
_OUTSIDE_URL = re.compile(r"url\(\s*['\"]?\s*(?!#|data:image/(?:png|jpe?g)[;,])", re.IGNORECASE)
_INSIDE = re.compile(r"^\s*(?:#|data:image/(?:png|jpe?g)[;,])", re.IGNORECASE)
_LENGTH = re.compile(r"^\s*([0-9.]+(?:e[+-]?[0-9]+)?)\s*(mm|cm|in|pt|pc|px|)\s*$", re.IGNORECASE)
PIXELS_PER_INCH = 96.0
"""Pixels per inch of CSS, and so of SVG 2."""
FONT_FILE = ("fonts", "ExpoFlowSansSC-Regular.otf")
FONT_FAMILY = "ExpoFlow Sans SC"


def read_svg_plan(content: bytes) -> ImportedPlan:
    """Render an SVG file as large as is useful, on white.

    Raises:
        VenueError: it is damaged, wants other files or scripts, or has no size.
    """
    # with the window's font alone, a plan looks the same on every machine
    import resvg_py

    size = _SvgReader().read(content)
    is_wide = size.width >= size.height
    try:
        painted = resvg_py.svg_to_bytes(
            svg_string=content.decode("utf-8-sig"),
            background="#ffffff",
            width=MAX_SIDE_PX if is_wide else None,
            height=None if is_wide else MAX_SIDE_PX,
            dpi=PIXELS_PER_INCH,
            skip_system_fonts=True,
            font_files=[str(resource_path(*FONT_FILE))],
            font_family=FONT_FAMILY,
            sans_serif_family=FONT_FAMILY,
            serif_family=FONT_FAMILY,
            monospace_family=FONT_FAMILY,
        )
    except (ValueError, RuntimeError) as error:
        raise _make_damaged(str(error)) from error
    return ImportedPlan(picture=decode_picture(bytes(painted)))


class _Size:
    """Width and height in a common unit."""

    def __init__(self, attributes: dict[str, str]) -> None:
        width, height = (self._measure(attributes.get(name, "")) for name in ("width", "height"))
        box = [float(number) for number in re.findall(r"[-+0-9.eE]+", attributes.get("viewBox", ""))[:4]]
        if (width is None or height is None) and len(box) == 4:
            width, height = box[2], box[3]
        if not width or not height or width <= 0 or height <= 0:
            raise VenueError(
                "The SVG file does not state the size of its drawing.",
                "Save it with a page that fits the drawing, then import it.",
            )
        self.width, self.height = width, height

    @staticmethod
    def _measure(text: str) -> float | None:
        found = _LENGTH.match(text)
        return None if found is None else float(found[1])


class _SvgReader:
    """A reader that goes through a file once and refuses elements that a plan does not need."""

    def __init__(self) -> None:
        self._depth = 0
        self._elements = 0
        self._in_style = False
        self._size: _Size | None = None

    def read(self, content: bytes) -> _Size:
        """Return the size of the drawing.

        Raises:
            VenueError: as ``read_svg_plan``.
        """
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._refuse_entities
        parser.ExternalEntityRefHandler = self._refuse_reference
        parser.ProcessingInstructionHandler = self._instruction
        try:
            parser.Parse(content, True)
        except (expat.ExpatError, ValueError) as error:
            raise _make_damaged(str(error)) from error
        if self._size is None:
            raise _make_damaged(Phrase("it contains no drawing"))
        return self._size

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > DEEPEST or self._elements > MAX_ELEMENTS:
            raise VenueError(
                "The SVG file has more than {elements} elements, or nests them more than {depth} deep.",
                "Save it with less detail, or as PNG, then import it.",
                elements=MAX_ELEMENTS,
                depth=DEEPEST,
            )
        tag = name.rpartition(":")[2].lower()
        if self._size is None:
            if tag != "svg":
                raise _make_damaged(Phrase("it contains no drawing"))
            self._size = _Size(attributes)
        if tag in SCRIPTS or any(key.lower().startswith("on") for key in attributes):
            raise VenueError(
                "The SVG file contains a script, which is not allowed in a plan.",
                "Save it as plain SVG or PNG, then import it.",
            )
        self._in_style = tag == "style"
        for key, value in attributes.items():
            is_reference = key.rpartition(":")[2].lower() in REFERENCES and tag != "a"
            if (is_reference and not _INSIDE.match(value)) or _OUTSIDE_URL.search(value):
                self._refuse_reference()

    def _end(self, _name: str) -> None:
        self._depth -= 1
        self._in_style = False

    def _text(self, text: str) -> None:
        if self._in_style and ("@import" in text.lower() or _OUTSIDE_URL.search(text)):
            self._refuse_reference()

    def _instruction(self, target: str, _data: str) -> None:
        if target.lower() == "xml-stylesheet":
            self._refuse_reference()

    @staticmethod
    def _refuse_entities(*_declared: object) -> None:
        raise VenueError(
            "The SVG file declares entities, which can expand without limit.",
            "Save it as plain SVG or PNG, then import it.",
        )

    @staticmethod
    def _refuse_reference(*_reference: object) -> int:
        raise VenueError(
            "The SVG file refers to other files or addresses.",
            "Save it with embedded pictures, or as PNG, then import it.",
        )


def _make_damaged(reason: str | Phrase) -> VenueError:
    return VenueError(
        "The SVG file is damaged ({reason}).", "Save it again, or as PNG, then import it.", reason=reason
    )


POINTS_PER_INCH = 72.0
MAX_PAGES = 2000


def read_pdf_plan(content: bytes, *, page: int) -> ImportedPlan:
    """Render one page of a PDF file, counted from 1, on white.

    Raises:
        VenueError: it is damaged or wants a password, or has no such page.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        is_locked = "password" in str(error).lower() or getattr(error, "err_code", None) == 4
        raise VenueError(
            "The PDF file {fault}.",
            "Save it again without a password, or save the page as PNG, then import it.",
            fault=Phrase("requires a password") if is_locked else Phrase("is damaged"),
        ) from error
    try:
        pages = len(document)
        if not 1 <= page <= min(pages, MAX_PAGES):
            raise VenueError(
                "The PDF file has no page {page}.", "Choose one of its {pages} pages.", page=page, pages=pages
            )
        sheet = document[page - 1]
        width_pt, height_pt = sheet.get_size()
        if not (0 < width_pt < 1e6 and 0 < height_pt < 1e6):
            raise VenueError("The page of the PDF file has no size.", "Save it as PNG, then import it.")
        scale = MAX_SIDE_PX / max(width_pt, height_pt)
        if min(width_pt, height_pt) * scale < 1:
            raise VenueError("The page of the PDF file has no size.", "Save it as PNG, then import it.")
        bitmap = sheet.render(scale=scale, may_draw_forms=False, rev_byteorder=True)
        picture = np.array(bitmap.to_numpy()[:, :, :3], np.uint8)
    except pypdfium2.PdfiumError as error:
        raise VenueError(
            "The page of the PDF file cannot be rendered.", "Save it as PNG, then import it."
        ) from error
    finally:
        document.close()
    return ImportedPlan(picture=picture, pages=pages)


FORMATS = ("PNG", "JPEG")
"""Supported decoders; no other one of the library is used on a file of unknown origin."""


def read_raster_plan(content: bytes) -> ImportedPlan:
    """Read a PNG or JPEG picture, upright by its EXIF orientation, on white where transparent.

    Raises:
        VenueError: it is no such picture, damaged, or too large.
    """
    return ImportedPlan(picture=decode_picture(content))


def decode_picture(content: bytes) -> Pixels:
    """Decode a PNG or JPEG picture, shape (height, width, 3), RGB, shrunk if it is too large.

    Raises:
        VenueError: it is no such picture, damaged, or too large.
    """
    try:
        with warnings.catch_warnings():
            # the size is checked below, in words
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(BytesIO(content), formats=FORMATS)
        width, height = opened.size
        if width * height > MAX_PIXELS:
            raise _make_too_large()
        opened.draft("RGB", (MAX_SIDE_PX, MAX_SIDE_PX))
        picture = _spread_colours(opened)
        picture.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))
        return _lay_on_white(ImageOps.exif_transpose(picture))
    except Image.DecompressionBombError as error:
        raise _make_too_large() from error
    except (OSError, ValueError, SyntaxError) as error:
        raise VenueError(
            "The picture is damaged, or not a PNG or JPEG file.", "Save it again as PNG, then import it."
        ) from error


def _spread_colours(picture: Image.Image) -> Image.Image:
    """Convert to 8 bits a channel without palette, which keeps fine lines when shrunk."""
    if picture.mode.startswith("I"):
        return Image.fromarray((np.asarray(picture, np.uint32) >> 8).astype(np.uint8))
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode == "P":
        return picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    return picture


def _lay_on_white(picture: Image.Image) -> Pixels:
    """Return RGB pixels, white where a picture is transparent."""
    layered = picture.convert("RGBA")
    white = Image.new("RGBA", layered.size, (255, 255, 255, 255))
    return np.asarray(Image.alpha_composite(white, layered).convert("RGB"), np.uint8)


def _make_too_large() -> VenueError:
    return VenueError(
        "The picture has more than {millions:.0f} million pixels.",
        "Reduce its size: {longest} pixels on the longer side are enough.",
        millions=MAX_PIXELS / 1e6,
        longest=MAX_SIDE_PX,
    )
