"""Nothing under a privacy mask is left in a picture, and nothing far from it is touched."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from analytics.domain.camera import Camera, PixelPolygon
from analytics.domain.identifiers import CameraId
from vision.pixel_types import Frame
from vision.sources.privacy_mask import PrivacyMask

SLANTED: PixelPolygon = ((10.4, 8.7), (90.2, 2.1), (70.6, 60.3), (33.0, 40.9))
NEEDLE: PixelPolygon = ((100.0, 10.0), (118.0, 80.0), (118.6, 80.0))
BEYOND: PixelPolygon = ((140.0, -1e7), (1e7, 70.0), (140.0, 70.0))
WIDE, HIGH = 160, 90


def make_camera(*polygons: PixelPolygon) -> Camera:
    return Camera(CameraId("door"), (WIDE, HIGH), privacy_mask=polygons)


def make_frame(size_wh: tuple[int, int] = (WIDE, HIGH)) -> Frame:
    return Frame(CameraId("door"), np.full((size_wh[1], size_wh[0], 3), 200, np.uint8), 1.0, 1)


def find_touched(polygon: PixelPolygon, scale: float = 1.0, margin_px: float = 0.0) -> np.ndarray:
    """Which pixels, as squares, meet a polygon, or come so near to it; shape (height, width)."""
    width, height = round(WIDE * scale), round(HIGH * scale)
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    squares = shapely.box(columns, rows, columns + 1, rows + 1)
    shape = shapely.Polygon([(u * scale, v * scale) for u, v in polygon])
    return np.asarray(shapely.distance(squares, shape) <= margin_px)


@pytest.mark.parametrize("polygon", [SLANTED, NEEDLE, BEYOND])
@pytest.mark.parametrize("scale", [1.0, 2.5, 0.5])
def test_every_pixel_that_a_polygon_meets_is_black_in_pictures_of_any_size(
    polygon: PixelPolygon, scale: float
) -> None:
    frame = make_frame((round(WIDE * scale), round(HIGH * scale)))
    covered = PrivacyMask(make_camera(polygon)).cover(frame).picture
    assert not covered[find_touched(polygon, scale)].any()
    assert (covered[~find_touched(polygon, scale, margin_px=5.0)] == 200).all()


def test_several_polygons_that_overlap_hide_what_any_of_them_does() -> None:
    covered = PrivacyMask(make_camera(SLANTED, SLANTED, NEEDLE)).cover(make_frame()).picture
    assert not covered[find_touched(SLANTED) | find_touched(NEEDLE)].any()


def test_a_change_of_resolution_moves_the_mask_with_the_picture() -> None:
    mask = PrivacyMask(make_camera(SLANTED))
    for scale in (1.0, 2.0, 1.0):
        covered = mask.cover(make_frame((round(WIDE * scale), round(HIGH * scale)))).picture
        assert not covered[find_touched(SLANTED, scale)].any()
        assert mask.fits


def test_a_picture_of_another_shape_shows_nothing_at_all() -> None:
    mask = PrivacyMask(make_camera(NEEDLE))
    assert not mask.cover(make_frame((120, 90))).picture.any()
    assert not mask.fits
    assert mask.cover(make_frame()).picture.any()
    assert mask.fits


def test_a_picture_that_cannot_be_written_to_is_copied() -> None:
    frame = make_frame()
    frame.picture.flags.writeable = False
    turned = Frame(frame.camera, np.asfortranarray(frame.picture), 1.0, 1)
    mask = PrivacyMask(make_camera(SLANTED))
    for given in (frame, turned):
        covered = mask.cover(given)
        assert not covered.picture[find_touched(SLANTED)].any()
        assert (covered.time_s, covered.number, covered.camera) == (1.0, 1, "door")
    assert (frame.picture == 200).all()


def test_without_a_mask_the_frame_is_passed_on_as_it_is() -> None:
    frame = make_frame((97, 61))
    assert PrivacyMask(Camera(CameraId("door"))).cover(frame) is frame
