"""Plans in SVG, made a picture by resvg, which runs no scripts and opens no other files.

What a file could do all the same (entities that grow without end, references to files and servers, depths
that overflow a stack) is looked for before, and refused in words.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from analytics.domain.errors import Phrase, VenueError
from app.plan_import.imported_plan import LONGEST_SIDE_PX, ImportedPlan
from app.plan_import.raster_plan import decode_picture
from resources.files import resource_path

MOST_ELEMENTS = 300_000
DEEPEST = 200
SCRIPTS = frozenset({"script", "handler", "iframe", "object", "embed"})
REFERENCES = frozenset({"href", "src"})
_OUTSIDE_URL = re.compile(r"url\(\s*['\"]?\s*(?!#|data:image/(?:png|jpe?g)[;,])", re.IGNORECASE)
_INSIDE = re.compile(r"^\s*(?:#|data:image/(?:png|jpe?g)[;,])", re.IGNORECASE)
_LENGTH = re.compile(r"^\s*([0-9.]+(?:e[+-]?[0-9]+)?)\s*(mm|cm|in|pt|pc|px|)\s*$", re.IGNORECASE)
MILLIMETRES = {"mm": 1.0, "cm": 10.0, "in": 25.4, "pt": 25.4 / 72, "pc": 25.4 / 6}
"""By the units that are lengths on paper (SVG 1.1, 7.10)."""
PIXELS_PER_INCH = 96.0
"""What a pixel is in CSS, and so in SVG 2."""
FONT_FILE = ("fonts", "ExpoFlowSansSC-Regular.otf")
FONT_FAMILY = "ExpoFlow Sans SC"


def read_svg_plan(content: bytes) -> ImportedPlan:
    """Paint an SVG file as large as is useful, on white.

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
            width=LONGEST_SIDE_PX if is_wide else None,
            height=None if is_wide else LONGEST_SIDE_PX,
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
    return ImportedPlan(picture=decode_picture(bytes(painted)), sheet_width_mm=size.width_mm)


class _Size:
    """Width and height in any unit that both have, and the width on paper."""

    def __init__(self, attributes: dict[str, str]) -> None:
        width, self.width_mm = self._measure(attributes.get("width", ""))
        height, _height_mm = self._measure(attributes.get("height", ""))
        box = [float(number) for number in re.findall(r"[-+0-9.eE]+", attributes.get("viewBox", ""))[:4]]
        if (width is None or height is None) and len(box) == 4:
            width, height = box[2], box[3]
        if not width or not height or width <= 0 or height <= 0:
            raise VenueError(
                "The SVG file does not say how large its drawing is.",
                "Save it with a page that fits the drawing, then import that.",
            )
        self.width, self.height = width, height

    @staticmethod
    def _measure(text: str) -> tuple[float | None, float | None]:
        found = _LENGTH.match(text)
        if found is None:
            return None, None
        value, unit = float(found[1]), found[2].lower()
        millimetres = MILLIMETRES.get(unit)
        return value, None if millimetres is None else value * millimetres


class _SvgReader:
    """Goes through a file once and refuses what a plan does not need."""

    def __init__(self) -> None:
        self._depth = 0
        self._elements = 0
        self._in_style = False
        self._size: _Size | None = None

    def read(self, content: bytes) -> _Size:
        """The size of the drawing.

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
            raise _make_damaged(Phrase("it holds no drawing"))
        return self._size

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > DEEPEST or self._elements > MOST_ELEMENTS:
            raise VenueError(
                "The SVG file has more than {elements} elements, or they lie in each other {depth} deep.",
                "Save it with less detail, or as PNG, then import that.",
                elements=MOST_ELEMENTS,
                depth=DEEPEST,
            )
        tag = name.rpartition(":")[2].lower()
        if self._size is None:
            if tag != "svg":
                raise _make_damaged(Phrase("it holds no drawing"))
            self._size = _Size(attributes)
        if tag in SCRIPTS or any(key.lower().startswith("on") for key in attributes):
            raise VenueError(
                "The SVG file holds a script, which a plan does not need.",
                "Save it as a plain SVG or as PNG, then import that.",
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
            "The SVG file declares entities, with which a file can grow without end.",
            "Save it as a plain SVG or as PNG, then import that.",
        )

    @staticmethod
    def _refuse_reference(*_reference: object) -> int:
        raise VenueError(
            "The SVG file refers to other files or addresses.",
            "Save it with its pictures embedded, or as PNG, then import that.",
        )


def _make_damaged(reason: str | Phrase) -> VenueError:
    return VenueError(
        "The SVG file is damaged ({reason}).", "Save it again, or as PNG, then import that.", reason=reason
    )
