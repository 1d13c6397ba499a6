"""Everything that reads what strangers made, with valid examples to damage."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import ezdxf
import numpy as np
import pandas as pd
import pypdfium2
from PIL import Image

from analytics.domain.clock import SystemClock
from analytics.domain.floor_geometry import Polygon
from app.access.access_file import FILE_NAME as ACCESS_FILE
from app.access.access_file import read_access
from app.analysis.detection_file import read_detection_rows
from app.analysis.track_file import read_sensor_tracks
from app.archive.unarchive_venue import unarchive_venue
from app.core.calibration_csv import read_calibration, read_corners, read_lines, read_walkers
from app.core.file_format import read_venue, write_venue
from app.core.privacy_file import FILE_NAME as PRIVACY_FILE
from app.core.privacy_file import read_privacy
from app.integrations.integrations_file import FILE_NAME as INTEGRATIONS_FILE
from app.integrations.mqtt.mqtt_settings import read_mqtt
from app.integrations.rest.rest_settings import read_rest
from app.integrations.webhooks.webhook_settings import read_webhooks
from app.plan.geojson import make_floor_geojson, read_floor_geojson
from app.plan_import.plan_file import ReadingOptions, _read, find_kind
from app.reports.schedule_file import FILE_NAME as SCHEDULES_FILE
from app.reports.schedule_file import read_schedules
from app.timeline.counts_file import CountColumns, preview_counts, read_counts
from app.timeline.timeline_file import read_timeline
from app.validation.validation_labels import read_labels
from tests.support.servers.onvif_camera import describe_match
from tests.unit.app.core.venues import FIRST, make_full_venue
from vision.alignment.reference_file import read_reference
from vision.detection.model_metadata import read_metadata
from vision.sources.onvif.discovery import read_matches
from vision.sources.onvif.soap import UnreadableResponse, parse_message
from vision.sources.source_address import parse_source

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="30mm" height="20mm"><rect width="9" height="9"/></svg>'
SCHEDULES = b"""format = 1
[[schedules]]
name = "Evening"
template = "daily"
rhythm = "day"
language = "en"
formats = ["pdf"]
weekday = 0
at = 19:00:00
target = "mail"
to = "a@b.example"
since_utc = 2026-11-25T09:00:00Z
[mail]
host = "mail.example"
port = 587
user = "u"
sender = "a@b.example"
uses_tls_at_once = true
"""
TIMELINE = b"""format = 1
[[events]]
name = "Talk"
start = 2026-11-25T09:00:00Z
end = 2026-11-25T10:00:00Z
kind = "talk"
[[notes]]
text = "rain"
at = 2026-11-25T09:00:00Z
"""
INTEGRATIONS = b"""format = 1
[rest]
enabled = true
host = "127.0.0.1"
port = 8765
tls_certificate = ""
tls_key = ""
requests_per_min = 240
[mqtt]
host = "broker.example"
port = 1883
uses_tls = false
topic = "hall"
[[webhooks]]
name = "door"
url = "https://example.com/x"
events = ["alarm_raised"]
every_min = 5
is_enabled = true
"""
ACCESS = b"""format = 1
lock_after_min = 10
wall_needs_no_sign_in = false
[[users]]
name = "Li"
role = "manager"
secret_hash = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaA"
created_utc = 2026-11-25T09:00:00Z
"""
METADATA = b"task: detect\nstride: 32\nimgsz: [384, 640]\nnames: {0: person, 1: bicycle}\n"
LABELS = json.dumps(
    {
        "venue": "hall",
        "begun_utc_s": 1.0,
        "clip_s": 30.0,
        "clips": [
            {
                "clip": {"camera": "a", "start_utc_s": 0.0, "end_utc_s": 30.0},
                "frame_size_wh": [640, 480],
                "labelled_by": "W",
                "labelled_utc_s": 2.0,
                "lines": ["door"],
                "crossings": [{"line": "door", "time_utc_s": 3.0, "direction": "in"}],
            }
        ],
        "format": 2,
    }
).encode()

_FLOOR = Polygon(((0, 0), (20, 0), (20, 12), (0, 12)))


@dataclass(frozen=True)
class Parser:
    """Something that reads a file of a name in an empty folder.

    Attributes:
        seeds: made when they are first needed.
        prepare: puts more into the folder before.
        share: of the examples; those that take long get fewer.
        foreseen: what it raises besides errors with words, for whoever asked it.
    """

    name: str
    file: str
    read: Callable[[Path], object]
    seeds: Callable[[], tuple[bytes, ...]]
    share: float = 1.0
    foreseen: tuple[type[Exception], ...] = ()


def _constant(*seeds: bytes) -> Callable[[], tuple[bytes, ...]]:
    return lambda: seeds


@cache
def _venue_seeds() -> tuple[bytes, ...]:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        venue = make_full_venue(Path(name) / "hall.expoflow")
        venue.folder.mkdir()
        write_venue(venue)
        return ((venue.folder / "venue.toml").read_bytes(),)


@cache
def _pictures() -> tuple[bytes, ...]:
    found = []
    for kind, mode in (("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "RGB"), ("PNG", "I;16")):
        content = io.BytesIO()
        Image.new(mode, (24, 16)).save(content, kind)
        found.append(content.getvalue())
    return tuple(found)


@cache
def _pdf() -> tuple[bytes, ...]:
    document = pypdfium2.PdfDocument.new()
    document.new_page(200, 100)
    content = io.BytesIO()
    document.save(content)
    document.close()
    return (content.getvalue(),)


@cache
def _dxf() -> tuple[bytes, ...]:
    document = ezdxf.new("R2000", units=6)
    model = document.modelspace()
    model.add_lwpolyline([(0, 0), (20, 0), (20, 10), (0, 10)], close=True)
    model.add_circle((5, 5), 0.5)
    model.add_text("pillar").set_placement((5, 5))
    content = io.StringIO()
    document.write(content)
    # the sections before the drawing are long, and no plan needs them: most changes should hit the drawing
    text = content.getvalue()
    short = "  0\nSECTION\n  2\nENTITIES\n" + text[text.index("  2\nENTITIES\n") + len("  2\nENTITIES\n") :]
    return text.encode(), short.encode()


@cache
def _detections() -> tuple[bytes, ...]:
    table = pd.DataFrame(
        {
            "time_s": [0.0, 0.5],
            "camera": ["a", "a"],
            **{name: [1.0, 2.0] for name in ("x1", "y1", "x2", "y2", "score")},
        }
    )
    parquet = io.BytesIO()
    table.to_parquet(parquet)
    return (
        table.to_csv(index=False).encode(),
        parquet.getvalue(),
        b"1,-1,10,20,30,40,0.9,-1,-1,-1\n2,-1,11,20,30,40,0.9,-1,-1,-1\n",
    )


@cache
def _references() -> tuple[bytes, ...]:
    content = io.BytesIO()
    np.savez_compressed(
        content,
        format=np.array(1),
        size_wh=np.array([64, 36]),
        points_px=np.zeros((3, 2), np.float32),
        descriptors=np.zeros((3, 32), np.uint8),
        edges=np.zeros((9, 16), np.float32),
        structure=np.zeros((9, 16), np.float32),
        tones=np.zeros((9, 16), np.float32),
    )
    return (content.getvalue(),)


@cache
def _archives() -> tuple[bytes, ...]:
    import tempfile

    from app.archive.archive_venue import archive_venue

    with tempfile.TemporaryDirectory() as name:
        venue = make_full_venue(Path(name) / "hall.expoflow")
        venue = replace(venue, plan=replace(venue.plan, picture=None))
        venue.folder.mkdir()
        write_venue(venue)
        file = Path(name) / "hall.expoflow.zip"
        archive_venue(venue.folder, file, clock=SystemClock())
        return (file.read_bytes(),)


def _read_plan(file: Path) -> object:
    content = file.read_bytes()
    return _read(content, find_kind(content[:4096]), ReadingOptions(unit=None))


def _read_all_counts(file: Path) -> object:
    guess = preview_counts(file).guess or CountColumns("time", "count", "zone", None)
    return read_counts(file, guess, time_zone="Asia/Shanghai", zones=("A",))


def _read_any_calibration(file: Path) -> object:
    heading = file.read_bytes()[:60]
    reader = next(
        (
            read
            for word, read in ((b"walker", read_walkers), (b"line", read_lines), (b"x_m", read_calibration))
            if word in heading
        ),
        read_corners,
    )
    return reader(file)


def _read_integrations(file: Path) -> object:
    return read_rest(file.parent), read_mqtt(file.parent), read_webhooks(file.parent)


def _read_text_address(file: Path) -> object:
    return parse_source(file.read_bytes().decode("utf-8", "replace"))


def _read_archive(file: Path) -> object:
    target = file.parent / "out"
    target.mkdir(exist_ok=True)
    try:
        return unarchive_venue(file, target / "restored.expoflow").venue
    finally:
        import shutil

        shutil.rmtree(target)


PARSERS = (
    Parser("venue", "hall.expoflow/venue.toml", lambda f: read_venue(f.parent), _venue_seeds),
    Parser("schedules", SCHEDULES_FILE, lambda f: read_schedules(f.parent), _constant(SCHEDULES)),
    Parser("timeline", "timeline.toml", lambda f: read_timeline(f.parent), _constant(TIMELINE)),
    Parser(
        "privacy",
        PRIVACY_FILE,
        lambda f: read_privacy(f.parent),
        _constant(b'format = 1\npreviews = "plain"\norganiser = "A"\n'),
    ),
    Parser("integrations", INTEGRATIONS_FILE, _read_integrations, _constant(INTEGRATIONS)),
    Parser("access", ACCESS_FILE, lambda f: read_access(f.parent), _constant(ACCESS)),
    Parser(
        "zones",
        "zones.geojson",
        read_floor_geojson,
        lambda: (json.dumps(make_floor_geojson(FIRST)).encode(),),
    ),
    Parser(
        "calibration",
        "pairs.csv",
        _read_any_calibration,
        _constant(
            b"camera,u_px,v_px,x_m,y_m\na,0,0,0,0\na,9,0,1,0\na,9,9,1,1\na,0,9,0,1\n",
            b"camera,line,u_px,v_px\na,1,0,0\na,1,5,5\n",
            b"camera,walker,x1,y1,x2,y2\na,1,0,0,5,9\n",
            b"camera,u_px,v_px\na,0,0\na,1,1\n",
        ),
    ),
    Parser(
        "detections",
        "detections.csv",
        lambda f: read_detection_rows(f, camera="a", fps=5.0),
        _detections,
    ),
    Parser(
        "tracks",
        "tracks.csv",
        lambda f: read_sensor_tracks(
            f, start_utc_s=0.0, outline=Polygon(((0, 0), (20, 0), (20, 12), (0, 12)))
        ),
        _constant(
            b"time_s,track_id,x_m,y_m\n0,a,1,1\n0.2,a,1.1,1\n0.2,b,3,4\n",
            b"# framerate: 10.00\n# id frame x/m y/m\n1 0 1.0 1.0\n1 1 1.1 1.0\n",
        ),
    ),
    Parser(
        "counts",
        "till.csv",
        _read_all_counts,
        _constant(
            b"time;zone;count;amount\n24.11.2026 10:00;A;12;1.234,50\n", "时间,数量\n10:00,7\n".encode()
        ),
    ),
    Parser("labels", "labels-1.json", read_labels, _constant(LABELS)),
    Parser("plan picture", "plan.png", _read_plan, _pictures, share=0.5),
    Parser("plan SVG", "plan.svg", _read_plan, _constant(SVG), share=0.1),
    Parser("plan PDF", "plan.pdf", _read_plan, _pdf, share=0.15),
    Parser("plan DXF", "plan.dxf", _read_plan, _dxf, share=0.3),
    Parser(
        "camera's announcement",
        "answer.xml",
        lambda f: read_matches(f.read_bytes(), sender="192.0.2.7", interface="192.0.2.1"),
        lambda: (
            b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:adr="a" xmlns:dis="d" '
            b'xmlns:net="n" xmlns:dev="v"><e:Body>'
            + describe_match("http://192.0.2.7/onvif").encode()
            + b"</e:Body></e:Envelope>",
        ),
    ),
    Parser(
        "camera's answer",
        "answer.xml",
        lambda f: parse_message(f.read_bytes()),
        _constant(b"<?xml version='1.0'?><a:E xmlns:a='x'><a:Body><b>1</b></a:Body></a:E>"),
        foreseen=(UnreadableResponse,),
    ),
    Parser(
        "address",
        "address.txt",
        _read_text_address,
        _constant(b"rtsp://u:p@192.0.2.7:554/s?a=b", b"/dev/video0"),
    ),
    Parser("view", "views/a-1.npz", read_reference, _references),
    Parser("model's description", "metadata.yaml", lambda f: read_metadata(f.parent), _constant(METADATA)),
    Parser("archive", "hall.expoflow.zip", _read_archive, _archives, share=0.15),
)
