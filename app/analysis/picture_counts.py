"""People in a recording without a calibration: how many are in the picture, and stays in its regions."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import Phrase
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import CameraId, ZoneId
from analytics.domain.zone import Zone, ZoneKind
from app.analysis.analyse_recording import AnalysisProgress, analyse_recording
from app.analysis.import_recording import require_writable
from app.analysis.recording_scene import RecordingScene
from app.plan.geojson import read_floor_geojson
from resources.atomic_file import write_text_atomically
from vision.detection.detector_choice import DetectorChoice
from vision.sources.frame_source import SourceAddress

if TYPE_CHECKING:
    import pandas as pd

STAND_IN_HEIGHT_M = 4.32
"""Height that the whole picture stands for while people are followed; nothing in metres is stated."""
SUMMARY_FILE, PEOPLE_FILE, VISITS_FILE = "summary.json", "people.csv", "visits.csv"


def make_picture_scene(size_wh: tuple[int, int], regions: Path | None) -> RecordingScene:
    """Return a scene whose floor is the picture itself.

    Args:
        regions: GeoJSON of zones and lines in pixels of the picture; None for the whole picture as one zone.

    Raises:
        VenueError, GeometryError: the fault of the file.
    """
    width, height = size_wh
    scale = STAND_IN_HEIGHT_M / height
    corners = [(0.0, 0.0), (float(width), 0.0), (float(width), float(height)), (0.0, float(height))]
    outline = Polygon.from_points([(u * scale, v * scale) for u, v in corners], what=Phrase("the picture"))
    if regions is None:
        zones: tuple[Zone, ...] = (Zone(ZoneId("picture"), ZoneKind.OTHER, outline),)
    else:
        zones = tuple(
            replace(
                zone,
                outline=Polygon.from_points(
                    [(u * scale, v * scale) for u, v in zone.outline.points], what=Phrase("a region")
                ),
            )
            for zone in read_floor_geojson(regions).zones
        )
    pairs = tuple(PointPair(u, v, u * scale, v * scale) for u, v in (*corners, (width / 2, height / 2)))
    return RecordingScene(
        origin=Phrase("the picture"),
        cameras=(Camera(CameraId("picture"), size_wh, pairs=pairs, analysed_fps=None),),
        plan=FloorPlan(outline),
        geometry=FloorGeometry(zones=zones),
    )


def count_in_picture(
    *,
    recording: SourceAddress,
    scene: RecordingScene,
    detector: DetectorChoice,
    out_folder: Path,
    on_progress: Callable[[AnalysisProgress], None],
    should_cancel: Callable[[], bool],
) -> dict[str, object]:
    """Count the people in the picture of a recording, and write ``summary.json`` and two tables.

    ``people.csv`` has the largest number of people at once in every second, ``visits.csv`` the stays in the
    regions. A second that was not observed has no number.

    Raises:
        ExpoFlowError: as `analyse_recording`.
    """
    import pandas as pd

    require_writable(out_folder)
    with tempfile.TemporaryDirectory(prefix="expoflow-picture-") as work:
        result = analyse_recording(
            recording=recording,
            scene=scene,
            camera=None,
            detector=detector,
            out_folder=Path(work) / "results",
            into=None,
            on_progress=on_progress,
            should_cancel=should_cancel,
        )
        tracks = pd.read_parquet(Path(work) / "results" / "tracks.parquet")
        visits = pd.read_csv(Path(work) / "results" / "visits.csv")
    summary: Any = result.summary
    people = _count_by_second(tracks, result.gaps, seconds=math.ceil(summary["duration_s"]))
    is_known = bool(people.notna().any())
    found: dict[str, object] = {
        "format": 1,
        "has_calibration": False,
        **{key: summary[key] for key in ("duration_s", "analysed_frames", "people_in_view")},
        "peak_people": int(people.max()) if is_known else None,
        "peak_time_s": int(people.idxmax()) if is_known else None,
        "regions": {
            name: {key: zone[key] for key in ("visits", "mean_dwell_s", "median_dwell_s")}
            for name, zone in summary["zones"].items()
        },
        "versions": summary["versions"],
    }
    out_folder.mkdir(parents=True, exist_ok=True)
    table = people.rename("people").rename_axis("time_s").to_csv(lineterminator="\n")
    write_text_atomically(out_folder / PEOPLE_FILE, table)
    write_text_atomically(out_folder / VISITS_FILE, visits.to_csv(index=False, lineterminator="\n"))
    write_text_atomically(out_folder / SUMMARY_FILE, json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    return found


def _count_by_second(tracks: pd.DataFrame, gaps: pd.DataFrame, *, seconds: int) -> Any:
    """Return the largest number of people at once by second; NA where it was not observed all along."""
    import numpy as np
    import pandas as pd

    at_once: Any = tracks.groupby("time_s")["tracklet"].nunique()
    by_second = at_once.groupby(np.floor(at_once.index).astype(int)).max()
    people = by_second.reindex(range(seconds), fill_value=0).astype("Int64")
    for start_s, end_s in zip(gaps["start_s"], gaps["end_s"], strict=True):
        people[(people.index + 1 > start_s) & (people.index < end_s)] = pd.NA
    return people
