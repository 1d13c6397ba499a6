"""Zones, lines and calibrations of synthetic scenes in the formats of user files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence

from analytics.domain.camera import PointPair
from analytics.domain.identifiers import CameraId
from analytics.domain.zone import CountingLine, Zone


def format_floor(*, zones: Sequence[Zone], lines: Sequence[CountingLine]) -> str:
    """Return zones and lines as GeoJSON, in metres."""
    features: list[dict[str, object]] = []
    for zone in zones:
        ring = [list(point) for point in zone.outline.points]
        polygon: dict[str, object] = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        features.append(_make_feature(str(zone.name), zone.kind.value, polygon))
    for line in lines:
        string: dict[str, object] = {
            "type": "LineString",
            "coordinates": [list(point) for point in line.path.points],
        }
        features.append(_make_feature(str(line.name), line.kind.value, string))
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, indent=1, ensure_ascii=False) + "\n"


def format_calibration(pairs: Mapping[CameraId, Sequence[PointPair]]) -> str:
    """Return point pairs of cameras as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["camera", "u_px", "v_px", "x_m", "y_m"])
    for camera, own in pairs.items():
        writer.writerows([camera, round(p.u_px, 2), round(p.v_px, 2), p.x_m, p.y_m] for p in own)
    return text.getvalue()


def _make_feature(name: str, kind: str, geometry: dict[str, object]) -> dict[str, object]:
    return {"type": "Feature", "properties": {"name": name, "kind": kind}, "geometry": geometry}
