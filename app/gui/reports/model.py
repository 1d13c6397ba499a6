"""View-model of the reports page: options, preview and writing of a report."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

from PySide6.QtCore import QSettings, QTimer, Signal

from analytics.domain.arrays import Interval
from analytics.results.content import ReportContent
from app.access.guard import doing, find_actor
from app.access.roles import Permission
from app.core.change_set import ChangeSet
from app.core.child_work import ChildWorker
from app.core.document import Venue, is_in_site
from app.core.job import JobContext
from app.core.periods import find_elapsed
from app.error_reporting import ErrorReport
from app.gui.reports import report_work
from app.gui.reports.report_work import ReportRequest
from app.gui.session.job_runner import JobHandle
from app.gui.session.translation import current_language, tr
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.reports.report_template import (
    ARCHIVED,
    SECTIONS,
    ReportFormat,
    SectionKey,
    Template,
    choose_format,
    make_file_stem,
)
from resources.translations import LANGUAGES

PREVIEW_DELAY_MS = 350
"""Milliseconds without a change before the preview is made, so that typing stays fluent."""
DEFAULT_COLOUR = "#2563eb"
_KEY = "report"


@dataclass(frozen=True, slots=True)
class ReportsState:
    """The state of the reports page.

    Attributes:
        chosen_sections: the chosen sections of the template.
        stand: the reported stand; None until one is chosen.
        is_language_chosen: the language was chosen by hand; otherwise it follows the window's.
        logo: image file; None for none.
        is_in_site: the venue is one of several halls.
        pages: images of the pages of the latest content.
        is_current: the pages match the options.
        fault: the error that prevented the report.
        is_writing: a file is being written.
    """

    has_venue: bool = False
    period: Interval | None = None
    is_in_site: bool = False
    template: Template = Template.DAILY
    sections: tuple[SectionKey, ...] = SECTIONS[Template.DAILY]
    chosen_sections: frozenset[SectionKey] = frozenset(SECTIONS[Template.DAILY])
    stands: tuple[str, ...] = ()
    stand: str | None = None
    language: str = "en"
    is_language_chosen: bool = False
    organiser: str = ""
    logo: Path | None = None
    colour: str = DEFAULT_COLOUR
    file_format: ReportFormat = ReportFormat.PDF
    pages: tuple[Any, ...] = ()
    is_current: bool = False
    is_computing: bool = False
    is_writing: bool = False
    progress: float = 0.0
    fault: ErrorReport | None = None


class ReportsViewModel(VenueViewModel[ReportsState]):
    """A view-model that makes the preview in the background after every change while the page is visible."""

    written = Signal(str)
    """Emitted with the path of the written file or folder."""
    failed = Signal(object)
    """Emitted with the ``ErrorReport`` of a file that could not be written."""

    def __init__(
        self,
        *,
        draw_pages: Callable[[ReportContent], tuple[Any, ...]],
        write_file: Callable[[Path, ReportContent, ReportFormat], Path],
        write_packs: Callable[..., object],
        worker: ChildWorker,
        memory: QSettings | None = None,
        **parts: Unpack[VenueParts],
    ) -> None:
        """``draw_pages``, ``write_file`` and ``write_packs`` are called in the processes of ``worker``."""
        super().__init__(ReportsState(), **parts)
        self._memory, self._worker = memory, worker
        self._draw_pages, self._write_file, self._write_packs = draw_pages, write_file, write_packs
        self._content: ReportContent | None = None
        self._job: JobHandle | None = None
        self._writing: JobHandle | None = None
        self._is_visible, self._is_stale = False, True
        self._state = self._recall(ReportsState(language=current_language()))
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(PREVIEW_DELAY_MS)
        self._delay.timeout.connect(self.make_preview)
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._app_state.period_changed.connect(self._invalidate)
        self._app_state.changed.connect(self._on_changed)
        self._on_venue_opened()

    def set_page_visible(self, is_watched: bool) -> None:
        self._is_visible = is_watched
        if is_watched and self._is_stale:
            self.make_preview()

    def choose_template(self, template: Template) -> None:
        self._change(
            template=template, sections=SECTIONS[template], chosen_sections=frozenset(SECTIONS[template])
        )

    def switch_section(self, key: SectionKey, is_on: bool) -> None:
        chosen_sections = (
            self._state.chosen_sections | {key} if is_on else self._state.chosen_sections - {key}
        )
        self._change(chosen_sections=frozenset(chosen_sections))

    def choose_stand(self, zone: str) -> None:
        self._change(stand=zone)

    def choose_language(self, language: str) -> None:
        self._change(language=language, is_language_chosen=True)

    def follow_language(self) -> None:
        """Use the window's language, unless one was chosen for reports."""
        if not self._state.is_language_chosen and self._state.language != current_language():
            self._change(language=current_language())

    def set_organiser(self, organiser: str) -> None:
        self._change(organiser=organiser.strip())

    def choose_logo(self, logo: Path | None) -> None:
        self._change(logo=logo)

    def choose_colour(self, colour: str) -> None:
        self._change(colour=colour)

    def choose_format(self, chosen: ReportFormat) -> None:
        self._state = dataclasses.replace(self._state, file_format=chosen)
        self._remember()
        self.state_changed.emit()

    def cancel(self) -> None:
        self._delay.stop()
        for job in (self._job, self._writing):
            if job is not None:
                job.cancel()
        self._is_stale = True
        self._replace_state(is_computing=False, is_writing=False)

    def write(self, path: Path) -> None:
        """Write the report that is shown, in the format of the file's ending or else the chosen one."""
        venue, content = self._app_state.venue, self._content
        if venue is None or content is None:
            return
        chosen = choose_format(path, self._state.file_format)
        what = {"template": self._state.template.value, "file": path.name}

        def work(context: JobContext) -> Path:
            with doing(venue.folder, Permission.EXPORT_REPORTS, "report exported", what):
                return self._worker.run(
                    report_work.write_file, context, self._write_file, path, content, chosen
                )

        self._replace_state(is_writing=True, progress=0.0)
        self._writing = self._job_runner.run(
            tr("Writing {name}", name=path.name),
            work,
            on_done=lambda written: self._on_written(str(written)),
            on_failed=self._on_write_failed,
        )

    def write_packs(self, folder: Path) -> None:
        venue, state = self._app_state.venue, self._state
        if venue is None or state.period is None:
            return
        period_s = state.period

        def work(context: JobContext) -> Path:
            request = _describe_request(state, venue, period_s, stand=None)
            what = {"file": folder.name}
            with doing(venue.folder, Permission.EXPORT_REPORTS, "exhibitor packs exported", what):
                self._worker.run(
                    report_work.write_packs, context, request, self._write_packs, folder, state.file_format
                )
            return folder

        self._replace_state(is_writing=True, progress=0.0)
        self._writing = self._job_runner.run(
            tr("Creating the reports of all stands"),
            work,
            on_done=lambda written: self._on_written(str(written)),
            on_failed=self._on_write_failed,
        )
        self._writing.progress.connect(self._on_progress)

    def propose_name(self) -> str:
        content, state = self._content, self._state
        stem = state.template.value if content is None else f"{content.title} {content.first_day}"
        if content is not None and content.subtitle:
            stem = f"{content.subtitle} {stem}"
        return f"{make_file_stem(stem)}.{state.file_format}"

    def propose_folder(self) -> str:
        stem = tr("Reports of all stands")
        return stem if self._content is None else f"{stem} {self._content.first_day}"

    def make_preview(self) -> None:
        venue, state = self._app_state.venue, self._state
        self._delay.stop()
        if venue is None:
            return
        period_s, self._is_stale = (
            find_elapsed(self._app_state.period, now_utc_s=self._clock.now_utc_s()),
            False,
        )
        zones = venue.geometry_at(period_s[1]).zones
        stands = tuple(str(zone.name) for zone in zones if zone.is_stand)
        stand = state.stand if state.stand in stands else (stands[0] if stands else None)

        def work(context: JobContext) -> tuple[ReportContent, tuple[Any, ...]]:
            request = _describe_request(state, venue, period_s, stand=stand)
            return self._worker.run(report_work.make_pages, context, request, self._draw_pages)

        self._replace_state(
            is_computing=True,
            is_current=False,
            progress=0.0,
            fault=None,
            period=period_s,
            is_in_site=is_in_site(venue.folder),
            stands=stands,
            stand=stand,
        )
        self._job = self._job_runner.run_latest(
            "report",
            lambda: tr("Creating the report"),
            work,
            on_done=self._on_preview,
            on_failed=self._on_failed,
        )
        self._job.progress.connect(self._on_progress)

    def _change(self, **changes: object) -> None:
        self._replace_state(**changes, is_current=False, fault=None)
        self._remember()
        self._invalidate()

    def _invalidate(self) -> None:
        self._is_stale = True
        if self._is_visible:
            self._delay.start()

    def _on_preview(self, preview: tuple[ReportContent, tuple[Any, ...]]) -> None:
        self._content, pages = preview
        self._replace_state(is_computing=False, is_current=not self._is_stale, pages=pages)

    def _on_failed(self, fault: ErrorReport) -> None:
        self._content = None
        self._replace_state(is_computing=False, is_current=False, pages=(), fault=fault)

    def _on_written(self, path: str) -> None:
        self._replace_state(is_writing=False)
        self.written.emit(path)

    def _on_write_failed(self, report: ErrorReport) -> None:
        self._replace_state(is_writing=False)
        self.failed.emit(report)

    def _on_progress(self, done: float, total: float) -> None:
        self._replace_state(progress=done / total if total > 0 else 0.0)

    def _on_venue_opened(self) -> None:
        self.cancel()
        self._content = None
        self._replace_state(
            has_venue=self._app_state.venue is not None, pages=(), is_current=False, fault=None, period=None,
            stands=(), stand=None,
        )  # fmt: skip
        self._invalidate()

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        if changes.zones or changes.plan or changes.cameras or changes.corrections or changes.targets:
            self._invalidate()

    def _remember(self) -> None:
        if self._memory is not None:
            state = self._state
            options = {
                "language": state.language if state.is_language_chosen else None,
                "organiser": state.organiser,
                "logo": None if state.logo is None else str(state.logo),
                "colour": state.colour,
                "format": state.file_format.value,
            }
            self._memory.setValue(_KEY, json.dumps(options))

    def _recall(self, state: ReportsState) -> ReportsState:
        if self._memory is None:
            return state
        try:
            options = json.loads(str(self._memory.value(_KEY)))
            is_chosen = options["language"] in LANGUAGES
            chosen = ReportFormat(options["format"])
            return dataclasses.replace(
                state,
                language=str(options["language"]) if is_chosen else state.language,
                is_language_chosen=is_chosen,
                organiser=str(options["organiser"]),
                logo=None if options["logo"] is None else Path(str(options["logo"])),
                colour=str(options["colour"]),
                # tables are exported as data now
                file_format=ReportFormat.PDF if chosen in ARCHIVED else chosen,
            )
        except (ValueError, TypeError, KeyError):
            return state


def _describe_request(
    state: ReportsState, venue: Venue, period_s: Interval, *, stand: str | None
) -> ReportRequest:
    return ReportRequest(
        venue=venue,
        actor=find_actor(venue.folder),
        template=state.template,
        period_s=period_s,
        language=state.language,
        organiser=state.organiser,
        logo=state.logo,
        colour=state.colour,
        left_out=frozenset(state.sections) - state.chosen_sections,
        stand=stand if state.template is Template.STAND else None,
    )


def list_sections(keys: Sequence[SectionKey]) -> tuple[SectionKey, ...]:
    """Return the sections that can be switched off: all but the first."""
    return tuple(keys[1:])
