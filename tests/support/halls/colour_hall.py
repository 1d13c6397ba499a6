"""A hall of coloured cells, filmed: with a colour detector, a whole analysis has an exact answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import av

from tests.support.halls.tiny_networks import paint_cells, write_colour_detector

SIZE_WH = (128, 96)
FPS = 10
CELLS_PER_M = 100.0
LONG_STAY = ((1, 1), (1.0, 9.0))
SHORT_STAY = ((3, 0), (2.0, 6.0))
DURATION_S = 11.0


@dataclass(frozen=True, slots=True)
class ColourHall:
    """The files of one scene: two people stand, one of them in the zone."""

    video: Path
    zones: Path
    calibration: Path
    model: Path


def make_colour_hall(folder: Path) -> ColourHall:
    """Write a clip of two people who stand still, a zone around the first, the pairs and the network."""
    folder.mkdir(parents=True, exist_ok=True)
    return ColourHall(
        video=film_people(folder / "hall.mp4"),
        zones=write_zone(folder / "zones.geojson", [(0.2, 0.2), (0.8, 0.2), (0.8, 0.9), (0.2, 0.9)]),
        calibration=write_pairs(folder / "pairs.csv", rows=4),
        model=write_colour_detector(folder / "colours", input_wh=SIZE_WH),
    )


def film_people(path: Path) -> Path:
    """A red cell is a person; each stands in one cell for a while."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = *SIZE_WH, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "10"}
        for number in range(round(DURATION_S * FPS)):
            time_s = number / FPS
            red = {cell: 1.0 for cell, (start, end) in (LONG_STAY, SHORT_STAY) if start <= time_s < end}
            picture = paint_cells(SIZE_WH, red=red, blue={})
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def write_zone(path: Path, corners: list[tuple[float, float]], name: str = "stand") -> Path:
    """GeoJSON with one booth."""
    feature = {
        "type": "Feature",
        "properties": {"name": name, "kind": "booth"},
        "geometry": {"type": "Polygon", "coordinates": [[*corners, corners[0]]]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return path


def write_pairs(path: Path, *, rows: int) -> Path:
    """Pairs of a floor that is seen straight from above, 100 pixels a metre, y up."""
    width, height = SIZE_WH
    corners = [(0, 0), (width, 0), (width, height), (0, height)][:rows]
    lines = [f"cam,{u},{v},{u / CELLS_PER_M},{(height - v) / CELLS_PER_M}" for u, v in corners]
    path.write_text("\n".join(["camera,u_px,v_px,x_m,y_m", *lines]) + "\n", encoding="utf-8")
    return path
