"""The view-models of the page on which the plan is edited, made together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analytics.domain.clock import Clock
from app.gui.app_state import AppState
from app.gui.job_runner import JobRunner
from app.gui.viewmodels.plan_editor import PlanEditorViewModel
from app.gui.viewmodels.plan_editor_checks import PlanChecksViewModel
from app.gui.viewmodels.plan_editor_picture import PlanPictureViewModel
from app.gui.viewmodels.plan_editor_stands import PlanStandsViewModel
from app.gui.viewmodels.plan_editor_templates import PlanTemplatesViewModel
from app.gui.viewmodels.redraw_past import RedrawPastViewModel


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
