"""View-models of the plan editor's panels."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from analytics.domain.clock import Clock
from analytics.domain.errors import ExpoFlowError
from analytics.domain.floor_geometry import Point
from analytics.domain.floor_plan import PlanPicture
from analytics.visitors.doors import LearnedDoor
from app.core.change_set import ChangeSet, Part
from app.core.check_results import GeometryFault
from app.core.document import DEFAULT_HALL_M, Venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport, describe_error
from app.gui.plan.model import PlanEditorState, PlanEditorViewModel, StandsPreview
from app.gui.plan.text import (
    FindingRow,
    ReplayRow,
    describe_findings,
    describe_replay,
    format_zone_or_line,
    name_shape,
)
from app.gui.session.app_state import AppState
from app.gui.session.cell_text import format_date_time, format_period
from app.gui.session.job_runner import JobHandle, JobRunner, Title
from app.gui.session.translation import tr, trn
from app.gui.session.units import current_units
from app.gui.session.view_model import ViewModel
from app.plan.copied_shapes import PasteNames, ZoneTemplate, read_templates, remove_template, save_template
from app.plan.doors import find_open_doors
from app.plan.edit_geometry import RedrawPast
from app.plan.edit_plan import CropPlan, RotatePlan, SetPicture, SetScale
from app.plan.geometry_check import check_geometry
from app.plan.geometry_replay import (
    PastVersion,
    Replay,
    count_past,
    list_past,
    read_recent_tracks,
    replay_geometry,
)
from app.plan.import_plan import PlacePlan, place_plan
from app.plan.plan_shapes import EditableShape, Shape, newest_version_utc_s
from app.plan.stand_grid import MakeStandGrid, StandGrid
from app.plan_import.plan_file import ReadingOptions, read_plan_file

IMPORT_KEY = "plan import"
_ALIKE = 0.02
"""Relative difference of a plan's proportions to the hall's, so that its picture has no margins."""
_ROUNDED_M = 0.1
"""Difference that entering a length in feet makes."""


@dataclass(frozen=True, slots=True)
class PictureState:
    """Everything that the panel shows.

    Attributes:
        text: description of the picture.
        is_sized: the picture's size is known.
        can_be_hall: nothing is drawn yet, and the picture is neither rotated nor cropped.
        fits_hall: the picture lies on a hall of a known size and has its proportions: it needs no scale.
    """

    has_venue: bool = False
    has_picture: bool = False
    is_sized: bool = False
    can_be_hall: bool = False
    fits_hall: bool = False
    is_cropped: bool = False
    is_importing: bool = False
    text: str = ""


class PlanPictureViewModel(ViewModel[PictureState]):
    """View-model of the plan's picture; changes go through the editor, which can undo them."""

    scale_needed = Signal()
    """A picture was imported whose scale is not known."""

    def __init__(self, editor: PlanEditorViewModel) -> None:
        super().__init__(editor)
        self._app_state, self._job_runner, self._editor = editor.app_state, editor.job_runner, editor
        self._size_px: tuple[int, int] | None = None
        self._job: JobHandle | None = None
        self._state = PictureState()
        editor.app_state.venue_opened.connect(self._on_venue_opened)
        editor.app_state.changed.connect(self._on_changed)
        self._show()

    def import_file(self, file: Path, *, page: int, unit: str | None, takes_hall: bool) -> None:
        """Read a plan file in the background and place it below the zones.

        Args:
            page: of a PDF file, counted from 1.
            unit: of a DXF file that names none.
            takes_hall: a DXF file's outline becomes the hall.
        """
        venue = self._app_state.venue
        if venue is None:
            return

        def work(context: JobContext) -> PlacePlan:
            plan = read_plan_file(file, options=ReadingOptions(page=page, unit=unit))
            context.checkpoint(1, 2)
            return place_plan(venue, plan, takes_hall=takes_hall)

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
        if self._job is not None:
            self._job.cancel()
            self._job = None
            self._show()

    def set_size(self, size_px: tuple[int, int] | None) -> None:
        """Set the picture file's size, once read; None while unknown."""
        self._size_px = size_px
        self._show()

    def set_scale(
        self, span_m: tuple[Point, Point], length_m: float, *, with_drawing: bool, with_hall: bool = False
    ) -> bool:
        """Set the real length of a span between two points of the floor as displayed.

        Args:
            with_drawing: scale what is drawn, too.
            with_hall: the hall becomes as large as the picture.
        """
        picture = self._find_picture()
        if picture is None or self._size_px is None:
            return False
        from_px, to_px = (picture.to_pixel(point, size_wh=self._size_px) for point in span_m)
        hall_px = self._size_px if with_hall else None
        return self._editor.edit(SetScale(from_px, to_px, length_m, with_drawing, hall_px))

    def turn(self, by_deg: float) -> bool:
        """Rotate the picture about the middle of the hall, counter-clockwise."""
        venue = self._app_state.venue
        if venue is None:
            return False
        left, bottom, right, top = venue.plan.outline.to_shape().bounds
        return self._editor.edit(RotatePlan(by_deg, ((left + right) / 2, (bottom + top) / 2)))

    def crop(self, corners_m: tuple[Point, ...]) -> bool:
        """Crop the picture to a rectangle, or to its bounding part if the picture is rotated."""
        picture = self._find_picture()
        if picture is None or self._size_px is None:
            return False
        corners = [picture.to_pixel(corner, size_wh=self._size_px) for corner in corners_m]
        us, vs = [u for u, _v in corners], [v for _u, v in corners]
        return self._editor.edit(CropPlan((min(us), min(vs), max(us), max(vs)), self._size_px))

    def show_all(self) -> bool:
        return self._size_px is not None and self._editor.edit(CropPlan(None, self._size_px))

    def remove(self) -> bool:
        return self._editor.edit(SetPicture(None))

    def retranslate(self) -> None:
        self._show()

    def _find_picture(self) -> PlanPicture | None:
        venue = self._app_state.venue
        return None if venue is None else venue.plan.picture

    def _fits_hall_width(self, picture: PlanPicture) -> bool:
        """Return whether the picture is as wide as the hall, as after an import without a scale."""
        venue = self._app_state.venue
        if venue is None or self._size_px is None:
            return False
        left, _bottom, right, _top = venue.plan.outline.to_shape().bounds
        return math.isclose(picture.metres_per_pixel * self._size_px[0], right - left, rel_tol=1e-6)

    def _fits_hall(self, picture: PlanPicture) -> bool:
        venue = self._app_state.venue
        if venue is None or self._size_px is None or not self._fits_hall_width(picture):
            return False
        left, bottom, right, top = venue.plan.outline.to_shape().bounds
        height_m = picture.metres_per_pixel * self._size_px[1]
        is_measured = math.dist((right - left, top - bottom), DEFAULT_HALL_M) > _ROUNDED_M
        return is_measured and math.isclose(height_m, top - bottom, rel_tol=_ALIKE)

    def _can_be_hall(self, picture: PlanPicture) -> bool:
        venue = self._app_state.venue
        if venue is None or picture.rotation_deg or picture.crop_px is not None or venue.plan.obstacles:
            return False
        geometry = venue.geometry_at(None)
        return not geometry.zones and not geometry.lines

    def _on_read(self, edit: PlacePlan) -> None:
        self._job = None
        self._show()
        if self._editor.edit(edit) and edit.picture is not None and edit.outline is None:
            self.scale_needed.emit()

    def _on_failed(self, report: ErrorReport) -> None:
        self._job = None
        self._show()
        self._editor.report_error(report)

    def _on_venue_opened(self) -> None:
        self.cancel()
        self._size_px = None
        self._show()

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        if changes.plan:
            self._show()

    def _show(self) -> None:
        picture = self._find_picture()
        text = tr("There is no picture below the plan.")
        if picture is not None:
            units = current_units()
            text = tr(
                "A pixel is {width:.4f} {unit} wide; rotated by {angle:.1f}°.",
                width=units.from_metres(picture.metres_per_pixel),
                unit=units.symbol,
                angle=picture.rotation_deg,
            )
            if self._fits_hall_width(picture):
                text += " " + tr("It is as wide as the hall: if that is wrong, set its scale.")
        state = PictureState(
            has_venue=self._app_state.venue is not None,
            has_picture=picture is not None,
            is_sized=picture is not None and self._size_px is not None,
            can_be_hall=picture is not None and self._can_be_hall(picture),
            fits_hall=picture is not None and self._fits_hall(picture),
            is_cropped=picture is not None and picture.crop_px is not None,
            is_importing=self._job is not None,
            text=text,
        )
        self._set_state(state)


CHECK_KEY, REPLAY_KEY = "plan check", "plan replay"
WAIT_MS = 300
"""Delay after an edit, so that a corner moved step by step is checked once."""
WATCHED_S = 600.0
"""Period of recorded tracks for checks, ten minutes: enough, and read within a second."""
REPLAY_MINUTES = (1, 5, 15)


@dataclass(frozen=True, slots=True)
class PlanChecksState:
    """Everything that the panel shows.

    Attributes:
        replay_text: counted period, or why there is none.
        doors: places to ask about.
    """

    has_venue: bool = False
    findings: tuple[FindingRow, ...] = ()
    summary: str = ""
    replay: tuple[ReplayRow, ...] = ()
    replay_text: str = ""
    is_replaying: bool = False
    doors: tuple[LearnedDoor, ...] = ()


class PlanChecksViewModel(ViewModel[PlanChecksState]):
    """View-model of the checks; runs after every edit while visible, and recounts on request."""

    def __init__(self, *, app_state: AppState, job_runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner = app_state, job_runner
        self._is_active, self._is_due = False, True
        self._opened: Venue | None = None
        self._findings: tuple[GeometryFault, ...] | None = None
        self._doors: tuple[LearnedDoor, ...] = ()
        self._replay: Replay | None = None
        self._has_replayed = self._is_replaying = False
        self._failure: ErrorReport | None = None
        self._state = PlanChecksState()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self._check)
        app_state.venue_opened.connect(self._on_venue_opened)
        app_state.changed.connect(self._on_changed)
        self._on_venue_opened()

    def set_active(self, is_active: bool) -> None:
        """Set whether the panel is visible; checks run only then."""
        self._is_active = is_active
        if is_active and self._is_due:
            self._timer.start()

    def replay(self, minutes: int) -> None:
        """Count the last minutes with the zones at opening and with the present ones."""
        venue, opened = self._app_state.venue, self._opened
        if venue is None or opened is None:
            return
        before = dataclasses.replace(venue, geometry_versions=opened.geometry_versions)

        def work(_context: object) -> Replay | None:
            recent = read_recent_tracks(venue, last_s=60.0 * minutes)
            if recent is None:
                return None
            return replay_geometry(before, changed=venue.geometry_at(None), recent=recent)

        self._is_replaying = True
        self._show()
        self._job_runner.run_latest(
            REPLAY_KEY,
            lambda: tr("Counting the last minutes again"),
            work,
            on_done=self._on_replayed,
            on_failed=self._on_failed,
        )

    def retranslate(self) -> None:
        self._show()

    def _check(self) -> None:
        venue = self._app_state.venue
        if venue is None or not self._is_active:
            return
        self._is_due = False

        def work(_context: object) -> tuple[Venue, tuple[GeometryFault, ...], tuple[LearnedDoor, ...]]:
            recent = read_recent_tracks(venue, last_s=WATCHED_S)
            watched = None if recent is None else recent.watch(venue, venue.geometry_at(None))
            doors = () if watched is None else watched.learned_doors
            return venue, tuple(check_geometry(venue, watched=watched)), doors

        self._job_runner.run_latest(
            CHECK_KEY,
            lambda: tr("Checking the plan"),
            work,
            on_done=self._on_checked,
            on_failed=self._on_failed,
        )

    def _on_checked(self, result: tuple[Venue, tuple[GeometryFault, ...], tuple[LearnedDoor, ...]]) -> None:
        venue, findings, doors = result
        if venue is self._app_state.venue:
            self._findings, self._doors = findings, doors
            self._show()

    def _on_replayed(self, replay: Replay | None) -> None:
        self._is_replaying, self._has_replayed, self._replay, self._failure = False, True, replay, None
        self._show()

    def _on_failed(self, report: ErrorReport) -> None:
        self._is_replaying, self._failure = False, report
        self._show()

    def _on_venue_opened(self) -> None:
        self._opened = self._app_state.venue
        self._findings, self._replay, self._failure = None, None, None
        self._doors = ()
        self._has_replayed = self._is_replaying = False
        self._is_due = True
        self._show()
        if self._is_active:
            self._timer.start()

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        if not (changes.plan or changes.zones or changes.cameras or changes.corrections):
            return
        # what was counted by other zones than those on the plan would be taken for theirs
        self._replay, self._has_replayed, self._is_due = None, False, True
        self._show()
        if self._is_active:
            self._timer.start()

    def _show(self) -> None:
        venue = self._app_state.venue
        state = PlanChecksState()
        if venue is not None:
            findings = () if self._findings is None else describe_findings(venue, self._findings)
            state = PlanChecksState(
                has_venue=True,
                findings=findings,
                summary=self._summarise(findings),
                replay=() if self._replay is None else describe_replay(self._replay),
                replay_text=self._describe_replay(venue),
                is_replaying=self._is_replaying,
                doors=find_open_doors(venue, self._doors),
            )
        self._set_state(state)

    def _summarise(self, findings: tuple[FindingRow, ...]) -> str:
        if self._findings is None:
            return tr("Please wait")
        if not findings:
            return tr("No problems with the plan, its zones and its lines.")
        return trn("{n} problem to check", "{n} problems to check", len(findings))

    def _describe_replay(self, venue: Venue) -> str:
        if self._is_replaying:
            return tr("Please wait")
        if self._failure is not None:
            return self._failure.to_text(tr)
        if not self._has_replayed:
            return tr("Counts the last recorded minutes with the zones before and after your changes.")
        if self._replay is None:
            return tr("This venue has no recorded data yet.")
        period = format_period(*self._replay.period_s, time_zone=venue.exhibition.time_zone)
        people = trn("{n} person", "{n} people", self._replay.people)
        return tr("{period}, {people}", period=period, people=people)


COUNT_KEY = "count the past"


@dataclass(frozen=True, slots=True)
class PastRow:
    """One earlier version: its period, the counted part of it, and the counts."""

    period: str
    counted: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RedrawPastState:
    """Everything that the dialog shows, translated.

    Attributes:
        shape: shape to redraw; None while the dialog is closed.
        text: explanation of redrawing.
        is_counting: the counts are incomplete; ``share`` of them is done, 0 to 1.
        problem: why counting failed.
    """

    shape: Shape | None = None
    title: str = ""
    text: str = ""
    rows: tuple[PastRow, ...] = ()
    is_counting: bool = False
    share: float | None = None
    can_redraw: bool = False
    problem: str = ""


class RedrawPastViewModel(ViewModel[RedrawPastState]):
    """View-model of redrawing past versions: counts in advance, and edits through the editor."""

    def __init__(self, editor: PlanEditorViewModel) -> None:
        super().__init__(editor)
        self._app_state, self._job_runner, self._editor = editor.app_state, editor.job_runner, editor
        self._shape: Shape | None = None
        self._past: tuple[PastVersion, ...] = ()
        self._job: JobHandle | None = None
        self._share: float | None = None
        self._failure: ErrorReport | None = None
        self._state = RedrawPastState()

    def has_past(self) -> bool:
        """Return whether an earlier version draws the selected zone or line differently."""
        venue, shape = self._app_state.venue, self._editor.state.selected
        return venue is not None and bool(_find_past(venue, shape))

    def open(self) -> None:
        """Describe and count the effect of redrawing the selected zone or line."""
        venue, shape = self._app_state.venue, self._editor.state.selected
        self.cancel_count()
        if venue is None or shape is None:
            return
        self._shape, self._past, self._failure = shape, _find_past(venue, shape), None
        if self._past:
            self._job = self._job_runner.run_latest(
                COUNT_KEY,
                lambda: tr("Recounting past data with the redrawn zone"),
                lambda context: count_past(venue, shape, context),
                on_done=self._on_counted,
                on_failed=self._on_failed,
            )
            if self._job.is_finished:
                self._job = None
            else:
                self._job.progress.connect(self._on_progress)
        self._show()

    def cancel_count(self) -> None:
        """Stop counting without changes."""
        if self._job is not None:
            self._job.cancel()
        self._job, self._shape, self._past, self._share = None, None, (), None
        self._show()

    def redraw(self) -> bool:
        """Redraw the zone or line in past versions; the editor can undo it."""
        shape = self._shape
        self.cancel_count()
        return shape is not None and self._editor.edit(RedrawPast(shape))

    def _on_counted(self, past: tuple[PastVersion, ...]) -> None:
        self._job, self._past = None, past
        self._show()

    def _on_failed(self, report: ErrorReport) -> None:
        self._job, self._failure = None, report
        self._show()

    def _on_progress(self, done: float, total: float) -> None:
        self._share = done / total if total > 0 else None
        self._show()

    def _show(self) -> None:
        venue, shape = self._app_state.venue, self._shape
        state = RedrawPastState()
        if venue is not None and shape is not None:
            state = RedrawPastState(
                shape=shape,
                title=tr("{what} in the past", what=name_shape(shape)),
                text=_describe(len(self._past)),
                rows=tuple(_make_row(venue, version) for version in self._past),
                is_counting=self._job is not None,
                share=self._share,
                can_redraw=bool(self._past),
                problem="" if self._failure is None else self._failure.to_text(tr),
            )
        self._set_state(state)


def _find_past(venue: Venue, shape: Shape | None) -> tuple[PastVersion, ...]:
    if shape is None or shape.part not in (Part.ZONES, Part.LINES):
        return ()
    try:
        return list_past(venue, shape)
    except ExpoFlowError:
        # it was removed meanwhile; the editor chooses nothing then
        return ()


def _describe(versions: int) -> str:
    if not versions:
        return tr("Its outline has never changed.")
    return trn(
        "It had another outline in {n} earlier layout version. Redrawing recounts that history "
        "with the current outline. Use this to correct a zone, not for a stand that was moved. "
        "You can undo it.",
        "It had another outline in {n} earlier layout versions. Redrawing recounts that history "
        "with the current outline. Use this to correct a zone, not for a stand that was moved. "
        "You can undo it.",
        versions,
    )


def _make_row(venue: Venue, version: PastVersion) -> PastRow:
    zone = venue.exhibition.time_zone
    end = format_date_time(version.end_utc_s, time_zone=zone)
    if version.start_utc_s is None:
        period = tr("Until {end}", end=end)
    else:
        period = f"{format_date_time(version.start_utc_s, time_zone=zone)} – {end}"
    if version.counted_utc_s is None:
        return PastRow(period, "–", "–", "–")
    return PastRow(
        period,
        format_period(*version.counted_utc_s, time_zone=zone),
        format_zone_or_line(version.before),
        format_zone_or_line(version.after),
    )


class PlanStandsViewModel(QObject):
    """View-model of stand grids and pasted names; previews edits, and saves through the editor."""

    def __init__(self, editor: PlanEditorViewModel) -> None:
        super().__init__(editor)
        self._app_state, self._editor = editor.app_state, editor

    @property
    def state(self) -> PlanEditorState:
        return self._editor.state

    def preview_stands(self, grid: StandGrid, *, is_closed: bool) -> StandsPreview:
        venue, shapes = self._app_state.venue, self._editor.state.shapes
        if venue is None:
            return StandsPreview()
        try:
            stands = grid.lay_out()
            edit = _make_edit(venue, grid, is_closed=is_closed)
            drawn = tuple(
                EditableShape(Shape(Part.ZONES, name), outline.points, number=number)
                for number, (name, outline) in enumerate(stands)
            )
            edit.apply(venue)
        except ExpoFlowError as error:
            return StandsPreview(shapes, describe_error(error).to_text(tr))
        text = tr(
            "{stands}: {first} to {last}",
            stands=trn("{n} stand", "{n} stands", len(stands)),
            first=stands[0][0],
            last=stands[-1][0],
        )
        return StandsPreview((*shapes, *drawn), text, is_possible=True)

    def make_stands(self, grid: StandGrid, *, is_closed: bool) -> bool:
        venue = self._app_state.venue
        return venue is not None and self._editor.edit(_make_edit(venue, grid, is_closed=is_closed))

    def check_names(self, shapes: tuple[Shape, ...], text: str) -> str:
        """Return why a pasted table cannot rename these zones and lines; empty if it can."""
        venue = self._app_state.venue
        if venue is None or not text.strip():
            return tr("Copy the cells with the names in the spreadsheet, and paste them here.")
        try:
            PasteNames(shapes, text).apply(venue)
        except ExpoFlowError as error:
            return describe_error(error).to_text(tr)
        return ""

    def paste_names(self, shapes: tuple[Shape, ...], text: str) -> bool:
        self._editor.select(None)
        return self._editor.edit(PasteNames(shapes, text))


def _make_edit(venue: Venue, grid: StandGrid, *, is_closed: bool) -> MakeStandGrid:
    return MakeStandGrid(grid, newest_version_utc_s(venue), with_obstacles=is_closed)


class PlanTemplatesViewModel(QObject):
    """View-model of templates; reads and writes files in the background, and places them by edits."""

    names_changed = Signal()

    def __init__(self, editor: PlanEditorViewModel, folder: Path) -> None:
        """Use templates of a folder, which may not exist yet."""
        super().__init__(editor)
        self._app_state, self._job_runner, self._editor = editor.app_state, editor.job_runner, editor
        self._folder = folder
        self._templates: tuple[ZoneTemplate, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the templates, in their order."""
        return tuple(template.name for template in self._templates)

    def refresh(self) -> None:
        self._run(lambda: tr("Reading the templates"), lambda _context: read_templates(self._folder))

    def save(self, name: str) -> JobHandle:
        """Save the selection, or all, as a template.

        Raises:
            ExpoFlowError: there is nothing to save, or the name is invalid.
        """
        template = ZoneTemplate.of(name, self._editor.list_copyable())

        def work(_context: JobContext) -> tuple[ZoneTemplate, ...]:
            save_template(self._folder, template)
            return read_templates(self._folder)

        return self._run(lambda: tr("Saving the template"), work)

    def delete(self, name: str) -> None:
        """Delete a template; placed copies remain."""

        def work(_context: JobContext) -> tuple[ZoneTemplate, ...]:
            remove_template(self._folder, name)
            return read_templates(self._folder)

        self._run(lambda: tr("Deleting the template"), work)

    def place(self, name: str, at_m: tuple[float, float]) -> bool:
        """Place a template's zones and lines, their lower left corner at a point."""
        venue = self._app_state.venue
        template = next((template for template in self._templates if template.name == name), None)
        if venue is None or template is None:
            return False
        return self._editor.add_copies(template.place(at_m, version_utc_s=newest_version_utc_s(venue)))

    def _run(self, title: Title, work: Callable[[JobContext], tuple[ZoneTemplate, ...]]) -> JobHandle:
        return self._job_runner.run(title, work, on_done=self._on_read, on_failed=self._editor.report_error)

    def _on_read(self, templates: tuple[ZoneTemplate, ...]) -> None:
        self._templates = templates
        self.names_changed.emit()


@dataclass(frozen=True, slots=True)
class PlanEditorViewModels:
    """The view-models of the plan editor, which share one venue and the undo history of ``editor``."""

    editor: PlanEditorViewModel
    checks: PlanChecksViewModel
    picture: PlanPictureViewModel
    stands: PlanStandsViewModel
    templates: PlanTemplatesViewModel
    past: RedrawPastViewModel


def make_plan_editor_view_models(
    *, app_state: AppState, job_runner: JobRunner, templates_folder: Path, clock: Clock | None = None
) -> PlanEditorViewModels:
    """Make the view-models; the editor owns all others."""
    editor = PlanEditorViewModel(app_state=app_state, job_runner=job_runner, clock=clock)
    return PlanEditorViewModels(
        editor,
        PlanChecksViewModel(app_state=app_state, job_runner=job_runner, parent=editor),
        PlanPictureViewModel(editor),
        PlanStandsViewModel(editor),
        PlanTemplatesViewModel(editor, templates_folder),
        RedrawPastViewModel(editor),
    )
