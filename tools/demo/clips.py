"""Four clips of one crowd that repeats without a jump: who walks out of the end walks into the beginning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from tools.demo.cameras import FRAME_SIZE_WH, DemoCamera, furnish_layout
from tools.fairs.fair_hall import FairHall
from tools.simulation.crowd.crowd_settings import CrowdSettings
from tools.simulation.crowd.crowd_simulation import simulate_crowd
from tools.simulation.crowd.endless_crowd import EndlessCrowd
from tools.simulation.crowd.visitor_paths import VisitorPaths, VisitorState
from tools.simulation.rendering.clip_writer import write_video
from tools.simulation.rendering.demo_scene import dress_visitor, pose_visitor
from tools.simulation.rendering.exhibition_scene import cast_exhibition
from tools.simulation.rendering.figure import Appearance, Pose
from tools.simulation.rendering.scene_renderer import Look, SceneRenderer
from vision.pixel_types import Picture

PERIOD_S, FPS = 120.0, 10.0
SEED = 6
_LONGEST_VISIT_S = 900.0
_CROWD = CrowdSettings(
    arrivals_per_s=0.09, mean_stops=4.0, dwell_spread=0.6, companion_shares=(0.6, 0.3, 0.1)
)
_STAND_DWELL_S = 25.0
_LOOK = Look(exposure=1.02, warmth=1.02, blur_px=0.5, noise=0.0, shadow=0.45, vignette=0.2)
_STANDING_M_S = 0.15
_STANDING_GRID_M, _STANDING_TURN_RAD = 0.05, 0.1
"""Movement and turn beyond which a standing visitor is drawn again."""


def simulate_live_crowd(hall: FairHall) -> EndlessCrowd:
    """Return the visitors who arrive within one period, each walking to the end; nobody is cut off.

    Raises:
        ExpoFlowError: JuPedSim is not installed.
    """
    layout = hall.make_layout()
    stands = tuple(replace(stand, median_dwell_s=_STAND_DWELL_S) for stand in layout.hall.stands)
    layout = replace(layout, hall=replace(layout.hall, stands=stands))
    whole = simulate_crowd(layout=layout, duration_s=PERIOD_S + _LONGEST_VISIT_S, seed=SEED, settings=_CROWD)
    end_s = whole.duration_s - 1.0
    kept = (path for path in whole.paths if 0 <= path.start_s < PERIOD_S and path.times_s[-1] < end_s)
    return EndlessCrowd(VisitorPaths(PERIOD_S, tuple(kept)))


def render_clip(
    file: Path,
    *,
    crowd: EndlessCrowd,
    camera: DemoCamera,
    hall: FairHall,
    on_progress: Callable[[float], None] = lambda _: None,
) -> None:
    """Write one camera's clip of a period; frame n shows second n / FPS."""
    backdrop = cast_exhibition(layout=furnish_layout(hall), view=camera.view, oversampling=2)
    renderer = SceneRenderer(camera=camera.view, backdrop=backdrop, look=_LOOK, seed=SEED)
    wardrobe: dict[int, Appearance] = {}

    def dress(visitor: int) -> Appearance:
        return wardrobe.setdefault(visitor, dress_visitor(visitor=visitor, seed=SEED))

    def draw() -> Iterator[Picture]:
        times_s = np.arange(round(PERIOD_S * FPS)) / FPS
        for time_s in times_s.tolist():
            picture, _ = renderer.render([(dress(m.visitor), _pose(m)) for m in crowd.at(time_s)])
            on_progress(time_s / PERIOD_S)
            yield picture

    write_video(file, pictures=draw(), fps=FPS, size_wh=FRAME_SIZE_WH, crf=27)


def _pose(moment: VisitorState) -> Pose:
    pose = pose_visitor(moment)
    if moment.speed_m_s >= _STANDING_M_S:
        return pose
    x_m, y_m = (round(value / _STANDING_GRID_M) * _STANDING_GRID_M for value in pose.xy_m)
    heading = round(pose.heading_rad / _STANDING_TURN_RAD) * _STANDING_TURN_RAD
    return replace(pose, xy_m=(x_m, y_m), heading_rad=heading, step_rad=0.0)
