"""Other calibration methods: a measured rectangle, a chessboard, people who walk through; and removal."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.errors import CalibrationError
from app.calibration.calibrate_camera import fit_walkers
from app.calibration.chessboard_search import search_chessboard
from app.core.job import JobContext
from app.gui.calibration.calibration_draft import CalibrationDraft, FloorShape, list_points
from app.gui.calibration.calibration_state import MIN_PLACING_POINTS
from app.gui.session.calibration_picture import CameraPicture
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import tr, trn
from app.gui.session.units import current_units
from vision.calibration.lens_distortion import MIN_LINE_DIAGONALS
from vision.calibration.pose_pairs import PosePairs, make_pose_pairs
from vision.calibration.pose_refinement import RefinedPose
from vision.calibration.walkers import EDGE_MARGIN_PARTS
from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus

if TYPE_CHECKING:
    from app.gui.calibration.model import CalibrationViewModel

ENOUGH_WALKERS, ENOUGH_BOXES = 25, 400
"""The mean stature of this many people is known to 2 cm."""
MIN_BOX_INTERVAL_S = 0.4
"""Minimum time between two boxes of one person; closer ones add nothing."""


class WalkerBoxes:
    """Boxes of walkers from the pipeline, without those cut off by the picture's edge.

    Attributes:
        frame_wh: size in whose pixels boxes are given.
    """

    def __init__(self, frame_wh: tuple[int, int]) -> None:
        self.frame_wh = frame_wh
        self._boxes: dict[int, list[tuple[float, ...]]] = {}
        self._last_s: dict[int, float] = {}

    @property
    def walkers(self) -> int:
        """Number of people."""
        return len(self._boxes)

    @property
    def boxes(self) -> int:
        """Number of boxes."""
        return sum(map(len, self._boxes.values()))

    @property
    def progress(self) -> float:
        """Progress from 0 to 1 (enough)."""
        return min(1.0, self.walkers / ENOUGH_WALKERS, self.boxes / ENOUGH_BOXES)

    def add(self, status: CameraStatus) -> bool:
        """Add the newest boxes of a camera; return whether there were any."""
        time_s, size_wh = status.tracks_time_s, status.size_wh
        if time_s is None or size_wh is None:
            return False
        scale = np.tile(np.asarray(self.frame_wh) / size_wh, 2)
        margin = np.asarray(size_wh) * EDGE_MARGIN_PARTS
        is_new = False
        for track in status.tracks:
            number, box = int(track.tracklet), np.asarray(track.xyxy)
            is_complete = bool((box[:2] > margin).all() and (box[2:] < size_wh - margin).all())
            if is_complete and time_s - self._last_s.get(number, -np.inf) >= MIN_BOX_INTERVAL_S:
                self._last_s[number] = time_s
                self._boxes.setdefault(number, []).append(tuple((box * scale).tolist()))
                is_new = True
        return is_new

    def list_tracks(self) -> list[FloatArray]:
        """Return boxes (left, top, right, bottom), shape (n, 4), of each person."""
        return [np.array(boxes, np.float64) for boxes in self._boxes.values()]


@dataclass(frozen=True, slots=True)
class WalkersPrior:
    """Prior values of the people and of the camera."""

    horizontal_fov_deg: float
    mean_height_m: float
    mean_height_sigma_m: float


class CalibrationMethods:
    """The calibration methods; each adds its points to the draft as one undo step.

    Attributes:
        found: description of the last result, and its draft.
    """

    def __init__(self, host: CalibrationViewModel, monitor: PipelineMonitor) -> None:
        self._host, self._monitor = host, monitor
        self._walkers: WalkerBoxes | None = None
        self._figures: WalkersPrior | None = None
        self._found: tuple[CalibrationDraft, str] | None = None
        monitor.updated.connect(self._on_updated)

    @property
    def is_collecting(self) -> bool:
        """Return whether boxes of walkers are being collected."""
        return self._walkers is not None

    @property
    def progress(self) -> float | None:
        """Progress of the collection; None without one."""
        return None if self._walkers is None else self._walkers.progress

    @property
    def busy(self) -> str:
        """Description of the work in progress; empty for none."""
        walkers = self._walkers
        if walkers is None:
            return ""
        people = trn("{n} person", "{n} people", walkers.walkers)
        return tr("Collecting walkers: {people}, {boxes} boxes", people=people, boxes=walkers.boxes)

    def describe_found(self, draft: CalibrationDraft) -> str:
        """Describe the result, while it is unchanged in the draft."""
        if self._found is None or self._found[0] != draft:
            return ""
        return self._found[1]

    def start_rectangle(self, width: float, depth: float, *, is_placed_by_points: bool) -> None:
        """Start clicking a rectangle's corners; its sides are in the window's unit."""
        units = current_units()
        size_m = (units.to_metres(width), units.to_metres(depth))
        self._host.editor.set_shape(FloorShape(size_m, is_placed_by_points=is_placed_by_points))

    def find_chessboard_on_floor(
        self, across: int, down: int, square: float, *, is_placed_by_points: bool
    ) -> None:
        """Find a board on the floor, and prompt for its place.

        Args:
            across, down: squares along the sides.
            square: its side in the unit that the window shows.
        """
        square_m = current_units().to_metres(square)

        def take(corners: np.ndarray) -> None:
            flat = tuple((float(u), float(v)) for u, v in corners.reshape(-1, 2))
            shape = FloorShape(
                (square_m, square_m), flat, corners.shape[1], is_placed_by_points=is_placed_by_points
            )
            self._host.editor.set_shape(shape)
            self._note(trn("{n} corner of the board found.", "{n} corners of the board found.", len(flat)))

        self._search(across, down, take)

    def find_held_chessboard(self, across: int, down: int) -> None:
        """Find a hand-held board, whose straight rows and columns determine the lens."""

        def take(corners: np.ndarray) -> None:
            editor = self._host.editor
            assert editor.frame_wh is not None
            min_length_px = MIN_LINE_DIAGONALS * math.hypot(*editor.frame_wh)
            edges = [*corners, *np.swapaxes(corners, 0, 1)]
            lines = tuple(
                tuple((float(u), float(v)) for u, v in edge)
                for edge in edges
                if np.linalg.norm(edge[-1] - edge[0]) >= min_length_px
            )
            if not lines:
                self._host.fail(
                    CalibrationError(
                        "The chessboard is too small in the picture to estimate the lens.",
                        "Hold it closer to the camera.",
                    )
                )
                return
            editor.do(replace(editor.draft, lines=editor.draft.lines + lines))
            self._note(
                tr(
                    "The board gave {count} straight lines. Hold it elsewhere, especially near the "
                    "corners of the picture, and search again; three to five pictures are enough for "
                    "the lens.",
                    count=len(lines),
                )
            )

        self._search(across, down, take)

    def start_walkers(self, figures: WalkersPrior) -> None:
        """Collect boxes of people from the recording until `finish_walkers` or enough are found."""
        editor = self._host.editor
        if editor.frame_wh is None or not self._monitor.is_active:
            self._host.fail(
                CalibrationError(
                    "This camera is not tracking anyone at the moment.",
                    "Start the recording, open this window again, and let people walk through.",
                )
            )
        elif len(editor.draft.pairs) < MIN_PLACING_POINTS:
            self._host.fail(
                CalibrationError(
                    "Walkers give the camera's height and tilt, but not its position.",
                    "First click two points, far apart, in the picture and on the plan.",
                )
            )
        else:
            self._walkers, self._figures = WalkerBoxes(editor.frame_wh), figures
            self._host.refresh()

    def finish_walkers(self) -> None:
        """Calibrate from the people collected so far."""
        walkers, figures = self._walkers, self._figures
        self._walkers = None
        if walkers is None or figures is None:
            return
        camera, tracks = self._host.make_camera(), walkers.list_tracks()

        def work(_context: JobContext) -> tuple[RefinedPose, PosePairs]:
            refined = fit_walkers(
                camera,
                tracks,
                horizontal_fov_rad=math.radians(figures.horizontal_fov_deg),
                mean_height_m=figures.mean_height_m,
                mean_height_sigma_m=figures.mean_height_sigma_m,
                known=camera.pairs,
            )
            return refined, make_pose_pairs(refined, walkers.frame_wh)

        def take(result: tuple[RefinedPose, PosePairs]) -> None:
            refined, pairs = result
            editor = self._host.editor
            editor.do(
                replace(
                    editor.draft, points=list_points(pairs.pairs), pair_sigma_px=pairs.sigma_px, shape=None
                )
            )
            self._note(_describe_pose(refined, walkers.walkers))

        self._host.begin(tr("Calibrating from walkers"), work, take)

    def close(self) -> None:
        """Drop the collected boxes."""
        self._walkers = None
        self._monitor.updated.disconnect(self._on_updated)

    def _search(self, across: int, down: int, take: Callable[[np.ndarray], None]) -> None:
        host = self._host
        fetch, people_xyxy = host.prepare_fetch(hides_people=False), host.list_people()

        def work(context: JobContext) -> tuple[CameraPicture, np.ndarray]:
            picture = fetch(context)
            corners = search_chessboard(
                picture.to_array(),
                frame_wh=host.editor.frame_wh or picture.frame_wh,
                squares_across=across,
                squares_down=down,
                context=context,
            )
            return picture.without_people(people_xyxy), corners

        def finish(result: tuple[CameraPicture, np.ndarray]) -> None:
            host.take_picture(result[0])
            take(result[1])

        host.begin(tr("Looking for the chessboard"), work, finish)

    def _note(self, words: str) -> None:
        self._found = (self._host.editor.draft, words)
        self._host.refresh()

    def _on_updated(self, status: PipelineStatus) -> None:
        walkers = self._walkers
        if walkers is None:
            return
        name = str(self._host.make_camera().name)
        found = next((camera for camera in status.cameras if camera.camera == name), None)
        if found is not None and walkers.add(found):
            if walkers.progress >= 1.0:
                self.finish_walkers()
            else:
                self._host.refresh()


def _describe_pose(refined: RefinedPose, people: int) -> str:
    units = current_units()
    words = tr(
        "From {people}: mounted {height:.1f} {unit} high, tilted down by {tilt:.0f}°.",
        people=trn("{n} person", "{n} people", people),
        height=units.from_metres(refined.pose.height_m),
        unit=units.symbol,
        tilt=math.degrees(refined.pose.tilt_rad),
    )
    off_m = float(np.sqrt(np.mean(refined.residuals_m**2)))
    return f"{words} " + tr("The error at the placement points is {cm:.0f} cm.", cm=100 * off_m)
