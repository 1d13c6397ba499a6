"""The picture below the plan: imported from a file, given its scale, turned and cropped."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject

from analytics.domain.floor_geometry import Point
from analytics.domain.floor_plan import PlanPicture
from app.core.change_set import ChangeSet
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.gui.plan.model import PlanEditorViewModel
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobHandle, JobRunner
from app.gui.session.translation import tr
from app.gui.session.units import current_units
from app.gui.session.view_model import ViewModel
from app.plan.edit_plan import CropPlan, RotatePlan, SetPicture, SetScale
from app.plan.import_plan import LayPlan, place_plan
from app.plan_import.plan_file import ReadingOptions, read_plan_file

IMPORT_KEY = "plan import"


@dataclass(frozen=True, slots=True)
class PictureState:
    """All that the panel shows.

    Attributes:
        text: what lies below the plan, in words.
        is_sized: the picture was read, so that places in it can be named.
    """

    has_venue: bool = False
    has_picture: bool = False
    is_sized: bool = False
    is_cropped: bool = False
    is_importing: bool = False
    text: str = ""


class PlanPictureViewModel(ViewModel[PictureState]):
    """Every change goes through the editor, so that it is undone with all others."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        editor: PlanEditorViewModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner, self._editor = app_state, job_runner, editor
        self._size_px: tuple[int, int] | None = None
        self._job: JobHandle | None = None
        self._state = PictureState()
        app_state.venue_opened.connect(self._on_venue_opened)
        app_state.changed.connect(self._on_changed)
        self._show()

    def import_file(self, file: Path, *, page: int, unit: str | None, takes_hall: bool) -> None:
        """Read a plan's file in the background and lay it below the zones.

        Args:
            page: of a PDF file, counted from 1.
            unit: of a DXF file that names none.
            takes_hall: a DXF file's outline becomes the hall.
        """
        venue = self._app_state.venue
        if venue is None:
            return

        def work(context: JobContext) -> LayPlan:
            plan = read_plan_file(file, options=ReadingOptions(page=page, unit=unit))
            context.checkpoint(1, 2)
            return place_plan(venue, plan, file_name=file.name, takes_hall=takes_hall)

        self.cancel()
        handle = self._job_runner.run_latest(
            IMPORT_KEY,
            lambda: tr("Reading {name}", name=file.name),
            work,
            on_done=self._on_read,
            on_failed=self._on_failed,
        )
        if not handle.is_finished:
            self._job = handle
        self._show()

    def cancel(self) -> None:
        """Import nothing after all."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
            self._show()

    def set_size(self, size_px: tuple[int, int] | None) -> None:
        """Say how large the picture's file is, once it was read; None: not yet."""
        self._size_px = size_px
        self._show()

    def set_scale(self, span_m: tuple[Point, Point], length_m: float, *, with_drawing: bool) -> bool:
        """Say how long the span between two points of the floor, as it is shown, is in truth."""
        picture = self._find_picture()
        if picture is None or self._size_px is None:
            return False
        from_px, to_px = (picture.to_pixel(point, size_wh=self._size_px) for point in span_m)
        return self._editor.edit(SetScale(from_px, to_px, length_m, with_drawing))

    def turn(self, by_deg: float) -> bool:
        """Turn the picture about the middle of the hall, counter-clockwise."""
        venue = self._app_state.venue
        if venue is None:
            return False
        left, bottom, right, top = venue.plan.outline.to_shape().bounds
        return self._editor.edit(RotatePlan(by_deg, ((left + right) / 2, (bottom + top) / 2)))

    def crop(self, corners_m: tuple[Point, ...]) -> bool:
        """Show only what lies in a rectangle; of a turned picture, the part of it that holds the corners."""
        picture = self._find_picture()
        if picture is None or self._size_px is None:
            return False
        corners = [picture.to_pixel(corner, size_wh=self._size_px) for corner in corners_m]
        us, vs = [u for u, _v in corners], [v for _u, v in corners]
        return self._editor.edit(CropPlan((min(us), min(vs), max(us), max(vs)), self._size_px))

    def show_all(self) -> bool:
        """Show the whole picture again."""
        return self._size_px is not None and self._editor.edit(CropPlan(None, self._size_px))

    def remove(self) -> bool:
        """Lay nothing below the plan."""
        return self._editor.edit(SetPicture(None))

    def retranslate(self) -> None:
        """Make every text again, in the window's language."""
        self._show()

    def _find_picture(self) -> PlanPicture | None:
        venue = self._app_state.venue
        return None if venue is None else venue.plan.picture

    def _is_as_wide_as_the_hall(self, picture: PlanPicture) -> bool:
        """As an import without a scale leaves it."""
        venue = self._app_state.venue
        if venue is None or self._size_px is None:
            return False
        left, _bottom, right, _top = venue.plan.outline.to_shape().bounds
        return math.isclose(picture.metres_per_pixel * self._size_px[0], right - left, rel_tol=1e-6)

    def _on_read(self, edit: LayPlan) -> None:
        self._job = None
        self._show()
        self._editor.edit(edit)

    def _on_failed(self, report: ErrorReport) -> None:
        self._job = None
        self._show()
        self._editor.complain(report)

    def _on_venue_opened(self) -> None:
        self.cancel()
        self._size_px = None
        self._show()

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        if changes.plan:
            self._show()

    def _show(self) -> None:
        picture = self._find_picture()
        text = tr("No picture lies below the plan.")
        if picture is not None:
            units = current_units()
            text = tr(
                "A pixel is {width:.4f} {unit} wide; turned by {angle:.1f}°.",
                width=units.from_metres(picture.metres_per_pixel),
                unit=units.symbol,
                angle=picture.rotation_deg,
            )
            if self._is_as_wide_as_the_hall(picture):
                text += " " + tr("It was laid as wide as the hall: if that is not its size, set its scale.")
        state = PictureState(
            has_venue=self._app_state.venue is not None,
            has_picture=picture is not None,
            is_sized=picture is not None and self._size_px is not None,
            is_cropped=picture is not None and picture.crop_px is not None,
            is_importing=self._job is not None,
            text=text,
        )
        if state != self._state:
            self._state = state
            self.state_changed.emit()
