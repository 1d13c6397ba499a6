"""The view-models of the page on which the plan is edited, made together."""

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
from app.core.change_set import ChangeSet
from app.core.check_results import GeometryFault
from app.core.document import Venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport, describe_error
from app.gui.plan.model import PlanEditorState, PlanEditorViewModel, StandsPreview
from app.gui.plan.text import (
    CountedTwice,
    FindingRow,
    describe_findings,
    describe_replay,
    name_shape,
    say_count,
)
from app.gui.session.app_state import AppState
from app.gui.session.cell_text import format_date_time, format_period
from app.gui.session.job_runner import JobHandle, JobRunner, Title
from app.gui.session.translation import tr, trn
from app.gui.session.units import current_units
from app.gui.session.view_model import ViewModel
from app.plan.copied_shapes import PasteNames, ZoneTemplate, read_templates, remove_template, save_template
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
from app.plan.import_plan import LayPlan, place_plan
from app.plan.plan_shapes import EditableFigure, Part, Shape, newest_version_utc_s
from app.plan.saved_edits import plan_step
from app.plan.stand_grid import MakeStandGrid, StandGrid
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
        self._set_state(state)


CHECK_KEY, REPLAY_KEY = "plan check", "plan replay"
WAIT_MS = 300
"""Whoever moves a corner step by step is not told after each."""
WATCHED_S = 600.0
"""The last ten minutes: enough to see where people stand, and read within a second."""
REPLAY_MINUTES = (1, 5, 15)


@dataclass(frozen=True, slots=True)
class PlanChecksState:
    """All that the panel shows.

    Attributes:
        summary: how much was found, in a sentence.
        replay_text: which minutes were counted, or why none were.
    """

    has_venue: bool = False
    findings: tuple[FindingRow, ...] = ()
    summary: str = ""
    replay: tuple[CountedTwice, ...] = ()
    replay_text: str = ""
    is_replaying: bool = False


class PlanChecksViewModel(ViewModel[PlanChecksState]):
    """Checks again after every edit while somebody looks; counts again when asked."""

    def __init__(self, *, app_state: AppState, job_runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner = app_state, job_runner
        self._is_active, self._is_due = False, True
        self._opened: Venue | None = None
        self._findings: tuple[GeometryFault, ...] | None = None
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
        """Say whether anybody looks; nothing is checked otherwise."""
        self._is_active = is_active
        if is_active and self._is_due:
            self._timer.start()

    def replay(self, minutes: int) -> None:
        """Count the last minutes by the zones as they were when the venue was opened, and as they are."""
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
        """Make every text again, in the window's language."""
        self._show()

    def _check(self) -> None:
        venue = self._app_state.venue
        if venue is None or not self._is_active:
            return
        self._is_due = False

        def work(_context: object) -> tuple[Venue, tuple[GeometryFault, ...]]:
            recent = read_recent_tracks(venue, last_s=WATCHED_S)
            watched = None if recent is None else recent.watch(venue, venue.geometry_at(None).zones)
            return venue, tuple(check_geometry(venue, watched=watched))

        self._job_runner.run_latest(
            CHECK_KEY,
            lambda: tr("Checking the plan"),
            work,
            on_done=self._on_checked,
            on_failed=self._on_failed,
        )

    def _on_checked(self, result: tuple[Venue, tuple[GeometryFault, ...]]) -> None:
        venue, findings = result
        if venue is self._app_state.venue:
            self._findings = findings
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
        self._has_replayed = self._is_replaying = False
        self._is_due = True
        self._show()
        if self._is_active:
            self._timer.start()

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        if not (changes.plan or changes.zones or changes.cameras):
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
            )
        self._set_state(state)

    def _summarise(self, findings: tuple[FindingRow, ...]) -> str:
        if self._findings is None:
            return tr("Please wait")
        if not findings:
            return tr("Nothing is wrong with the plan, its zones and its lines.")
        return trn("{n} thing to look at", "{n} things to look at", len(findings))

    def _describe_replay(self, venue: Venue) -> str:
        if self._is_replaying:
            return tr("Please wait")
        if self._failure is not None:
            return self._failure.to_text(tr)
        if not self._has_replayed:
            return tr("Counts the last recorded minutes by the zones before and after what you changed.")
        if self._replay is None:
            return tr("Nothing was recorded in this venue yet.")
        period = format_period(*self._replay.period_s, time_zone=venue.exhibition.time_zone)
        people = trn("{n} person", "{n} people", self._replay.people)
        return tr("{period}, {people}", period=period, people=people)


COUNT_KEY = "count the past"


@dataclass(frozen=True, slots=True)
class PastRow:
    """One earlier version: when it held, which stretch of it was counted, and what it counts."""

    period: str
    counted: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RedrawPastState:
    """All that the dialog shows, translated.

    Attributes:
        shape: what is to be redrawn; None while no dialog asks.
        text: what redrawing means, and for what it is not.
        is_counting: the rows have no counts yet; ``share`` of them is done, 0 to 1.
        can_redraw: there is something to redraw.
        problem: why it could not be counted.
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
    """Counts while somebody decides; the edit itself is one of the editor's, and undone like each."""

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
        """Whether the chosen zone or line was drawn otherwise in an earlier version."""
        venue, shape = self._app_state.venue, self._editor.state.selected
        return venue is not None and bool(_find_past(venue, shape))

    def ask(self) -> None:
        """Say of the chosen zone or line what redrawing it would change, and count it."""
        venue, shape = self._app_state.venue, self._editor.state.selected
        self.leave()
        if venue is None or shape is None:
            return
        self._shape, self._past, self._failure = shape, _find_past(venue, shape), None
        if self._past:
            self._job = self._job_runner.run_latest(
                COUNT_KEY,
                lambda: tr("Counting the past by the redrawn zone"),
                lambda context: count_past(venue, shape, context),
                on_done=self._on_counted,
                on_failed=self._on_failed,
            )
            if self._job.is_finished:
                self._job = None
            else:
                self._job.progress.connect(self._on_progress)
        self._show()

    def leave(self) -> None:
        """Stop counting; nothing is changed."""
        if self._job is not None:
            self._job.cancel()
        self._job, self._shape, self._past, self._share = None, None, (), None
        self._show()

    def redraw(self) -> bool:
        """Redraw it in the past, too; the editor's undo takes it back."""
        shape = self._shape
        self.leave()
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
        return tr("It was never drawn otherwise.")
    return trn(
        "It was drawn otherwise in {n} earlier version of the zones. Redrawn there, too, the history of that "
        "time is counted by its present outline. This is for a zone that was drawn wrongly, not for a stand "
        "that was moved. Undo takes it back.",
        "It was drawn otherwise in {n} earlier versions of the zones. Redrawn there, too, the history of "
        "that time is counted by its present outline. This is for a zone that was drawn wrongly, not for a "
        "stand that was moved. Undo takes it back.",
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
        say_count(version.before),
        say_count(version.after),
    )


class PlanStandsViewModel(QObject):
    """Tries an edit without writing it; the editor writes it when it is wanted."""

    def __init__(self, editor: PlanEditorViewModel) -> None:
        super().__init__(editor)
        self._app_state, self._editor = editor.app_state, editor

    @property
    def state(self) -> PlanEditorState:
        """The editor's."""
        return self._editor.state

    def preview_stands(self, grid: StandGrid, *, is_closed: bool) -> StandsPreview:
        """What a grid of stands would look like among what is there, or why it cannot be."""
        venue, figures = self._app_state.venue, self._editor.state.figures
        if venue is None:
            return StandsPreview()
        try:
            stands = grid.lay_out()
            edit = _make_edit(venue, grid, is_closed=is_closed)
            drawn = tuple(
                EditableFigure(Shape(Part.ZONES, name), outline.points, number=number)
                for number, (name, outline) in enumerate(stands)
            )
            plan_step(venue, edit)
        except ExpoFlowError as error:
            return StandsPreview(figures, describe_error(error).to_text(tr))
        text = tr(
            "{stands}: {first} to {last}",
            stands=trn("{n} stand", "{n} stands", len(stands)),
            first=stands[0][0],
            last=stands[-1][0],
        )
        return StandsPreview((*figures, *drawn), text, is_possible=True)

    def make_stands(self, grid: StandGrid, *, is_closed: bool) -> bool:
        """Make a zone of every stand, and an obstacle where nobody walks through."""
        venue = self._app_state.venue
        return venue is not None and self._editor.edit(_make_edit(venue, grid, is_closed=is_closed))

    def check_names(self, shapes: tuple[Shape, ...], text: str) -> str:
        """Why a pasted table cannot name these zones and lines; empty where it can."""
        venue = self._app_state.venue
        if venue is None or not text.strip():
            return tr("Copy the cells with the names in the spreadsheet, and paste them here.")
        try:
            plan_step(venue, PasteNames(shapes, text))
        except ExpoFlowError as error:
            return describe_error(error).to_text(tr)
        return ""

    def paste_names(self, shapes: tuple[Shape, ...], text: str) -> bool:
        """Give zones and lines the names of a pasted table."""
        self._editor.select(None)
        return self._editor.edit(PasteNames(shapes, text))


def _make_edit(venue: Venue, grid: StandGrid, *, is_closed: bool) -> MakeStandGrid:
    return MakeStandGrid(grid, newest_version_utc_s(venue), with_obstacles=is_closed)


class PlanTemplatesViewModel(QObject):
    """Reads and writes the files in the background; placing one is an edit like any other."""

    names_changed = Signal()

    def __init__(self, editor: PlanEditorViewModel, folder: Path) -> None:
        """``folder`` holds every template of this machine; it need not be there yet."""
        super().__init__(editor)
        self._app_state, self._job_runner, self._editor = editor.app_state, editor.job_runner, editor
        self._folder = folder
        self._templates: tuple[ZoneTemplate, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What each is called, in their order."""
        return tuple(template.name for template in self._templates)

    def refresh(self) -> None:
        """Read again which there are."""
        self._run(lambda: tr("Reading the templates"), lambda _context: read_templates(self._folder))

    def keep(self, name: str) -> None:
        """Keep what the editor would copy: the selected zone or line, or all of them."""
        try:
            template = ZoneTemplate.of(name, self._editor.list_copyable())
        except ExpoFlowError as error:
            self._editor.report_error(describe_error(error, translate=tr))
            return

        def work(_context: JobContext) -> tuple[ZoneTemplate, ...]:
            save_template(self._folder, template)
            return read_templates(self._folder)

        self._run(lambda: tr("Writing the template"), work)

    def forget(self, name: str) -> None:
        """Keep a template no longer; what was placed of it stays."""

        def work(_context: JobContext) -> tuple[ZoneTemplate, ...]:
            remove_template(self._folder, name)
            return read_templates(self._folder)

        self._run(lambda: tr("Removing the template"), work)

    def place(self, name: str, at_m: tuple[float, float]) -> bool:
        """Add a template's zones and lines, their lower left corner at a point."""
        venue = self._app_state.venue
        template = next((template for template in self._templates if template.name == name), None)
        if venue is None or template is None:
            return False
        return self._editor.add_copies(template.place(at_m, version_utc_s=newest_version_utc_s(venue)))

    def _run(self, title: Title, work: Callable[[JobContext], tuple[ZoneTemplate, ...]]) -> None:
        self._job_runner.run(title, work, on_done=self._on_read, on_failed=self._editor.report_error)

    def _on_read(self, templates: tuple[ZoneTemplate, ...]) -> None:
        self._templates = templates
        self.names_changed.emit()


@dataclass(frozen=True, slots=True)
class PlanEditorParts:
    """All of them are about the same venue, and every edit goes through ``editor``."""

    editor: PlanEditorViewModel
    checks: PlanChecksViewModel
    picture: PlanPictureViewModel
    stands: PlanStandsViewModel
    templates: PlanTemplatesViewModel
    past: RedrawPastViewModel


def make_plan_editor_parts(
    *, app_state: AppState, job_runner: JobRunner, templates_folder: Path, clock: Clock | None = None
) -> PlanEditorParts:
    """Make them; the editor is the owner of all others."""
    editor = PlanEditorViewModel(app_state=app_state, job_runner=job_runner, clock=clock)
    return PlanEditorParts(
        editor,
        PlanChecksViewModel(app_state=app_state, job_runner=job_runner, parent=editor),
        PlanPictureViewModel(editor),
        PlanStandsViewModel(editor),
        PlanTemplatesViewModel(editor, templates_folder),
        RedrawPastViewModel(editor),
    )
