"""Whether this machine keeps up with a number of live cameras, and what they cost.

    python -m benchmarks.live_cameras --model FOLDER [--cameras 24] [--seconds 120] [--size 1280x720]

Every camera is a stream over HTTP from this machine that plays by its own time and is read as a live camera:
frames that the detector has no time for are dropped and counted. The clip is encoded from real footage as
cameras do it: H.264, 15 frames a second, a key frame every 2 seconds, no pictures out of order.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av

from analytics.domain.identifiers import CameraId
from app.analysis.recording_scene import fit_geometry, read_scene
from app.recording.pipeline_process import make_parts
from benchmarks.analysis_timing import PROJECT
from benchmarks.camera_growth import ResourceWatch
from benchmarks.clips import repeat_clip
from benchmarks.needs import require
from vision.detection.detector_choice import DetectorChoice
from vision.pipeline.plan import CameraFeed, PipelinePlan
from vision.pipeline.supervisor import Supervisor
from vision.sources.frame_source import SourceAddress, SourceKind

STREAM_FPS, ANALYSED_FPS, ENCODED_FRAMES = 15, 5.0, 300
WARM_UP_S = 15.0
PORT = 18473


def encode_clip(source: Path, target: Path, size_wh: tuple[int, int]) -> None:
    """Encode the beginning of a clip as a camera would."""
    with av.open(str(source)) as reader, av.open(str(target), "w") as writer:
        stream = writer.add_stream("libx264", rate=STREAM_FPS)
        stream.width, stream.height = size_wh
        stream.pix_fmt, stream.bit_rate, stream.gop_size = "yuv420p", 2_500_000, 2 * STREAM_FPS
        stream.options = {"preset": "veryfast", "bf": "0"}
        for number, frame in enumerate(reader.decode(video=0)):
            if number == ENCODED_FRAMES:
                break
            scaled = frame.reformat(*size_wh, "yuv420p")
            scaled.pts, scaled.time_base = number, Fraction(1, STREAM_FPS)
            writer.mux(stream.encode(scaled))
        writer.mux(stream.encode(None))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    default = os.environ.get("EXPOFLOW_FOOTAGE", str(PROJECT.parent / "shared" / "footage"))
    parser.add_argument("--footage", type=Path, default=Path(default))
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--cameras", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--size", default="1280x720")
    options = parser.parse_args()
    require(files=(options.model, options.footage / "clips"))
    width, height = (int(side) for side in options.size.split("x"))
    clips = options.footage / "clips"
    scene = read_scene(clips / "gt" / "one-by-one_zones.geojson", clips / "gt" / "one-by-one_pairs.csv")
    (camera,) = scene.cameras
    with tempfile.TemporaryDirectory() as folder:
        encoded, long = Path(folder) / "short.mkv", Path(folder) / "long.mkv"
        encode_clip(clips / "one-by-one-person-detection.mp4", encoded, (width, height))
        length_s = ENCODED_FRAMES / STREAM_FPS
        repeat_clip(encoded, long, times=int((options.seconds + 2 * WARM_UP_S) / length_s) + 2)
        address = SourceAddress(SourceKind.HTTP, f"http://127.0.0.1:{PORT}/{long.name}")
        feeds = tuple(
            CameraFeed(
                replace(camera, name=CameraId(f"cam{index}"), analysed_fps=ANALYSED_FPS),
                address,
                fit_geometry(camera),
                is_lossless=False,
            )
            for index in range(options.cameras)
        )
        plan = PipelinePlan(feeds, DetectorChoice(options.model))
        server = subprocess.Popen(
            [sys.executable, "-m", "http.server", str(PORT), "--bind", "127.0.0.1", "--directory", folder],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        with Supervisor(plan, make_parts(Path(folder) / "store")) as supervisor:
            time.sleep(WARM_UP_S)
            before, watch, began_s = supervisor.poll(), ResourceWatch(), time.perf_counter()
            cpu_before_s = watch.measure_cpu_s()
            time.sleep(options.seconds)
            after, elapsed_s = supervisor.poll(), time.perf_counter() - began_s
            cpu_s = watch.measure_cpu_s() - cpu_before_s
            watch.stop()
        server.terminate()
        server.wait()
    analysed = sum(c.analysed for c in after.cameras) - sum(c.analysed for c in before.cameras)
    dropped = sum(c.dropped for c in after.cameras) - sum(c.dropped for c in before.cameras)
    age_s = max(camera.age_s or 0.0 for camera in after.cameras)
    print(
        f"{options.cameras} cameras of {options.size}, {elapsed_s:.0f} s after a warm-up of {WARM_UP_S:.0f} s"
    )
    print(f"analysed {analysed / elapsed_s / options.cameras:.2f} frames a second of each camera")
    print(f"dropped {dropped} of {analysed + dropped} due frames")
    print(f"processor {100 * cpu_s / elapsed_s / options.cameras:.1f} % of a core for each camera")
    print(f"oldest newest result {age_s:.2f} s; memory {watch.peak_mib:.0f} MiB")
    return 0 if dropped == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
