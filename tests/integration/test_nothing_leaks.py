"""While visitors are recorded, no picture becomes a file and nobody outside of the machine is spoken to.

Every process is watched by the system itself (strace), so that native libraries cannot hide anything.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from analytics.domain.camera import Camera, PointPair
from analytics.domain.clock import SystemClock
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.identifiers import CameraId
from app.core.document import Venue, VenueCamera, VenueSettings
from app.core.file_format import create_venue
from app.gui.window.pages import Page
from tests.support.halls.colour_hall import CELLS_PER_M, SIZE_WH, make_colour_hall
from tests.support.picture_search import FILES, find_pictures
from tests.support.servers.faultcam import FaultCam
from tests.support.servers.watched_commands import WatchedCommand, app_command, can_watch, watch_command
from vision.sources.source_address import parse_source

IN_VENUE = re.compile(
    r"events\.sqlite(-wal|-shm|-journal)?|alarms\.sqlite(-wal|-shm|-journal)?|audit\.(sqlite|head)\S*|"
    r"health/[\d-]+\.jsonl|writer\.lock|\.?[\w.-]+\.lock|\.?[\w.-]+\.json|\.?[\w.-]+\.toml(\.\S+)?|recorder\.\S+|"
    r"tracks/date=[\d-]+/\.?hour=\S+\.parquet(\.unfinished)?|tracks/date=[\d-]+/\.\S+|"
    r"views/\.?\S+\.(npz|view|msgpack|json)\S*|"
    r"rollups/\S+/\.?[\w.-]+\.(parquet|json)\S*|backups/\S+"
)
"""What a recording, a report and the window may write into a venue's folder."""
IN_HOME = re.compile(
    r"tmp/[a-z0-9_]{8}|tmp/expoflow-picture-\w+/\.?heatmap\S*\.png|"
    r"\S*(\.log(\.\d+)?|\.toml|\.ini|\.lock|\.json|\.blob|\.cl_cache|\.ini\.\w+|\.cache\S*)"
)
"""The heatmap is drawn by a process of its own, from numbers; Python tries a folder by some 8 letters."""
SYSTEM = re.compile(r"/dev/(null|tty|shm/\S+|dri/\S+|pts/\S+)|/proc/\S+|/memfd:\S*|/sys/\S+|pipe:\S*")
"""Shared memory is memory; that it is gone at the end is tested."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not can_watch(), reason="needs strace, allowed to watch"),
]


def make_environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    for name in ("home", "tmp", "expoflow"):
        (folder / name).mkdir(exist_ok=True)
    return kept | {
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "EXPOFLOW_HOME": str(folder / "expoflow"),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    folder = tmp_path_factory.mktemp("watched")
    hall = make_colour_hall(folder / "hall")
    width_m, height_m = (side / CELLS_PER_M for side in SIZE_WH)
    corners = ((0, 0), (SIZE_WH[0], 0), SIZE_WH, (0, SIZE_WH[1]))
    pairs = tuple(PointPair(u, v, u / CELLS_PER_M, height_m - v / CELLS_PER_M) for u, v in corners)
    outline = Polygon(((0.0, 0.0), (width_m, 0.0), (width_m, height_m), (0.0, height_m)))
    camera = Camera(CameraId("door"), SIZE_WH, pairs, analysed_fps=10.0)
    return create_venue(
        folder / "fair.expoflow",
        Exhibition("Fair", "UTC"),
        FloorPlan(outline),
        cameras=(VenueCamera(camera, parse_source("rtsp://127.0.0.1:1/door")),),
        settings=VenueSettings(model_name=str(hall.model)),
    )


def list_unforeseen(command: WatchedCommand, venue: Venue, home: Path, outputs: Path) -> list[str]:
    """Files that were written and are none of those that may be."""
    unforeseen = []
    for path in sorted(command.written):
        text = str(path)
        if SYSTEM.fullmatch(text) or path.is_relative_to(outputs):
            continue
        if path.is_relative_to(venue.folder):
            is_foreseen = bool(IN_VENUE.fullmatch(path.relative_to(venue.folder).as_posix()))
        elif path.is_relative_to(home):
            is_foreseen = path.is_dir() or bool(IN_HOME.fullmatch(path.relative_to(home).as_posix()))
        else:
            is_foreseen = False
        if not is_foreseen:
            unforeseen.append(text)
    return unforeseen


def list_pictures(folder: Path) -> list[str]:
    """Files below a folder in which something begins like a picture or a film."""
    return [
        str(file) for file in sorted(folder.rglob("*")) if file.is_file() and FILES.search(file.read_bytes())
    ]


def test_a_recording_writes_no_picture_and_speaks_to_nobody_else(venue: Venue, tmp_path: Path) -> None:
    environment = make_environment(tmp_path)
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    with FaultCam({"/door": venue.folder.parent / "hall" / "hall.mp4"}, follows_clock=True) as server:
        address = parse_source(server.url("/door"))
        toml = (venue.folder / "venue.toml").read_text()
        (venue.folder / "venue.toml").write_text(toml.replace("rtsp://127.0.0.1:1/door", address.location))
        recording = watch_command(
            *app_command("record", "--venue", venue.folder, "--duration", 14),
            log=tmp_path / "strace.log",
            environment=environment,
        )
    assert recording.status == 0, recording.output
    assert recording.outward == frozenset()
    assert find_pictures(recording.output) == []
    assert list_unforeseen(recording, venue, tmp_path, outputs) == []
    assert not [path for path in recording.written if path.is_relative_to("/dev/shm") and path.exists()]
    assert list_pictures(venue.folder) == list_pictures(tmp_path) == []

    with contextlib.closing(sqlite3.connect(venue.events_file)) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        points = database.execute("SELECT count(*) FROM track_journal").fetchone()[0]
        for table in tables:
            names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            for name in names:
                largest = database.execute(f"SELECT max(length({name})) FROM {table}").fetchone()[0]
                blobs = database.execute(
                    f"SELECT count(*) FROM {table} WHERE typeof({name}) = 'blob'"
                ).fetchone()
                assert (blobs[0], largest is None or largest < 2000) == (0, True), (table, name)
    files = list(venue.tracks_folder.rglob("*.parquet"))
    points += sum(pq.read_metadata(file).num_rows for file in files)
    assert points > 20, recording.output


def test_reports_exports_and_the_window_speak_to_nobody_else(venue: Venue, tmp_path: Path) -> None:
    environment = make_environment(tmp_path)
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    assert venue.events_file.exists(), "the recording comes first"
    day = datetime.fromtimestamp(SystemClock().now_utc_s(), UTC).date().isoformat()
    period = ("--venue", venue.folder, "--from", day)
    commands: tuple[tuple[tuple[object, ...], int | None], ...] = (
        (app_command("report", *period, "--to", day, "--out", outputs / "r.pdf"), 0),
        (app_command("export", "--venue", venue.folder, "--out", outputs / "export"), 0),
        (app_command("doctor", "--out", outputs / "doctor.txt"), None),
        ((sys.executable, "-m", "tests.support.windows.window_visit", venue.folder), 0),
    )
    for command, status in commands:
        done = watch_command(*command, log=tmp_path / "strace.log", environment=environment, timeout_s=300)
        assert status in (None, done.status), done.output
        assert done.outward == frozenset(), command
        assert find_pictures(done.output) == [], command
        assert list_unforeseen(done, venue, tmp_path, outputs) == [], command
        assert list_pictures(venue.folder) == [], command
    assert done.output.splitlines()[-1:] == [Page(max(Page)).name], done.output


def test_the_watch_itself_finds_a_picture_and_a_connection(venue: Venue, tmp_path: Path) -> None:
    environment = make_environment(tmp_path)
    hidden = tmp_path / "tmp" / "frame.bin"
    kept = tmp_path / "home" / "cache.json"
    code = (
        "import os, socket\n"
        f"open({str(hidden)!r}, 'wb').write(b'x'); os.remove({str(hidden)!r})\n"
        "print(bytes(range(200, 256)))\n"
        f"open({str(kept)!r}, 'wb').write(b'..' + bytes.fromhex('ffd8ffe0'))\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'x', ('127.0.0.1', 9))\n"
        "try: s.sendto(b'x', ('192.0.2.1', 9))\n"
        "except OSError: pass\n"
    )
    command = watch_command(sys.executable, "-c", code, log=tmp_path / "strace.log", environment=environment)
    assert command.status == 0, command.output
    assert command.outward == {"192.0.2.1"}
    assert list_unforeseen(command, venue, tmp_path, tmp_path / "outputs") == [str(hidden)]
    assert list_pictures(tmp_path) == [str(kept)]
    assert find_pictures(command.output)


@pytest.mark.parametrize(
    "text",
    [
        f'{{"picture": "{bytes(range(128, 200))!r}"}}',
        json.dumps({"picture": base64.b64encode(bytes(range(256)) * 4).decode()}),
        json.dumps([{"grey": [number % 256 for number in range(2000)]}], indent=2),
        '{"a": 1}\n' + json.dumps({"grey": [0] * 1001}) + "\n",
        "\x89PNG\r\n\x1a\n".encode("latin1").decode("utf-8", "surrogateescape"),
    ],
)
def test_the_search_finds_a_picture_in_a_text(text: str) -> None:
    assert find_pictures(text)
    assert find_pictures('{"camera": "door", "points": [0, 1, 2], "reason": "lost"}') == []
