"""The view-models of the page on which the plan is edited, made together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from analytics.domain.clock import Clock
from analytics.domain.errors import ExpoFlowError
from app.core.job import JobContext
from app.error_reporting import describe_error
from app.gui.plan.model import PlanEditorViewModel
from app.gui.plan.plan_editor_checks_model import PlanChecksViewModel
from app.gui.plan.plan_editor_picture_model import PlanPictureViewModel
from app.gui.plan.plan_editor_stands import PlanStandsViewModel
from app.gui.plan.redraw_past_model import RedrawPastViewModel
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner, Title
from app.gui.session.translation import tr
from app.plan.copied_figures import ZoneTemplate
from app.plan.editable_figures import newest_version_utc_s
from app.plan.template_files import read_templates, remove_template, save_template


class PlanTemplatesViewModel(QObject):
    """Reads and writes the files in the background; placing one is an edit like any other."""

    names_changed = Signal()

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        editor: PlanEditorViewModel,
        folder: Path,
        parent: QObject | None = None,
    ) -> None:
        """``folder`` holds every template of this machine; it need not be there yet."""
        super().__init__(parent)
        self._app_state, self._job_runner, self._editor = app_state, job_runner, editor
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
            self._editor.complain(describe_error(error, translate=tr))
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
        self._job_runner.run(title, work, on_done=self._on_read, on_failed=self._editor.complain)

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
        PlanPictureViewModel(app_state=app_state, job_runner=job_runner, editor=editor, parent=editor),
        PlanStandsViewModel(app_state=app_state, editor=editor, parent=editor),
        PlanTemplatesViewModel(
            app_state=app_state,
            job_runner=job_runner,
            editor=editor,
            folder=templates_folder,
            parent=editor,
        ),
        RedrawPastViewModel(app_state=app_state, job_runner=job_runner, editor=editor, parent=editor),
    )
