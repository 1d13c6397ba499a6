"""Plans that are pictures: PNG and JPEG."""

from __future__ import annotations

import warnings
from io import BytesIO

import numpy as np
from PIL import Image, ImageOps

from analytics.domain.errors import VenueError
from app.plan_import.imported_plan import LONGEST_SIDE_PX, MOST_PIXELS, ImportedPlan, Pixels

FORMATS = ("PNG", "JPEG")
"""No other decoder of the library is ever tried on a file of unknown origin."""


def read_raster_plan(content: bytes) -> ImportedPlan:
    """Read a PNG or JPEG picture, turned as its camera held it, on white where it is transparent.

    Raises:
        VenueError: it is no such picture, damaged, or too large.
    """
    return ImportedPlan(picture=decode_picture(content))


def decode_picture(content: bytes) -> Pixels:
    """The pixels of a PNG or JPEG picture, shape (height, width, 3), RGB, made smaller where it is huge.

    Raises:
        VenueError: it is no such picture, damaged, or too large.
    """
    try:
        with warnings.catch_warnings():
            # the size is checked below, in words
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(BytesIO(content), formats=FORMATS)
        width, height = opened.size
        if width * height > MOST_PIXELS:
            raise _make_too_large()
        opened.draft("RGB", (LONGEST_SIDE_PX, LONGEST_SIDE_PX))
        picture = _spread_colours(opened)
        picture.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
        return _lay_on_white(ImageOps.exif_transpose(picture))
    except Image.DecompressionBombError as error:
        raise _make_too_large() from error
    except (OSError, ValueError, SyntaxError) as error:
        raise VenueError(
            "The picture is damaged, or no PNG or JPEG.", "Save it again as PNG, then import that."
        ) from error


def _spread_colours(picture: Image.Image) -> Image.Image:
    """8 bits a channel and no palette, in which alone fine lines survive being made smaller."""
    if picture.mode.startswith("I"):
        return Image.fromarray((np.asarray(picture, np.uint32) >> 8).astype(np.uint8))
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode == "P":
        return picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    return picture


def _lay_on_white(picture: Image.Image) -> Pixels:
    """Pixels in RGB, white where a picture is transparent."""
    layered = picture.convert("RGBA")
    white = Image.new("RGBA", layered.size, (255, 255, 255, 255))
    return np.asarray(Image.alpha_composite(white, layered).convert("RGB"), np.uint8)


def _make_too_large() -> VenueError:
    return VenueError(
        "The picture has more than {millions:.0f} million pixels.",
        "Save it smaller: {longest} pixels on its longer side are enough.",
        millions=MOST_PIXELS / 1e6,
        longest=LONGEST_SIDE_PX,
    )
