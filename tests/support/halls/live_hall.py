"""A venue that can be recorded without end: a camera with a password, and one person who stands there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import cv2

from analytics.domain.identifiers import CameraId
from app.core.calibration_csv import read_calibration
from app.core.credentials import open_credential_store
from app.core.file_format import read_venue, write_venue
from app.plan.edit_venue import add_camera, create_hall, import_calibration
from tests.support.halls.colour_hall import CELLS_PER_M, SIZE_WH, write_pairs
from tests.support.halls.tiny_networks import paint_cells, write_colour_detector
from tests.support.servers.http_video_server import HttpVideoServer

USER, PASSWORD = "viewer", "geheim-4711"
FPS = 10.0


@contextmanager
def run_live_hall(folder: Path) -> Iterator[Path]:
    """Give the venue's folder while its camera can be reached."""
    pictures = [paint_cells(SIZE_WH, red={(1, 1): 1.0 - 0.02 * (n % 2)}, blue={}) for n in range(2)]
    jpegs = [cv2.imencode(".jpg", picture)[1].tobytes() for picture in pictures]
    with HttpVideoServer(jpegs=jpegs, fps=2 * FPS, user=USER, password=PASSWORD) as server:
        width, height = SIZE_WH
        size_m = (width / CELLS_PER_M, height / CELLS_PER_M)
        venue = create_hall(folder / "hall.expoflow", name="Spring Fair", time_zone="UTC", size_m=size_m)
        store_login(venue.folder, server.port, PASSWORD)
        import_calibration(venue.folder, read_calibration(write_pairs(folder / "pairs.csv", rows=4)))
        model = write_colour_detector(folder / "colours", input_wh=SIZE_WH)
        venue = read_venue(venue.folder)
        write_venue(replace(venue, settings=replace(venue.settings, model_name=str(model))))
        yield venue.folder


def store_login(folder: Path, port: int, password: str) -> None:
    """Make the camera with a login, or change its password in the store."""
    add_camera(
        folder,
        name="cam",
        address=f"http://127.0.0.1:{port}/mjpeg",
        user=USER,
        password=password,
        frame_size_wh=SIZE_WH,
        analysed_fps=FPS,
        credentials=open_credential_store(),
    )


def forget_login(folder: Path) -> None:
    """Take the camera's password out of the store: only who records already has it."""
    from app.core.credentials import make_credential_key

    address = read_venue(folder).address_of(CameraId("cam"))
    assert address is not None
    open_credential_store().forget(make_credential_key(address, camera="cam"))
