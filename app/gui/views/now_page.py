"""Puts together the page of this moment with its alarms and the window of their rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QWidget

from app.gui.app_state import AppState
from app.gui.job_runner import JobRunner
from app.gui.pipeline_monitor import PipelineMonitor
from app.gui.viewmodels.alarm_desk import AlarmDeskViewModel
from app.gui.viewmodels.alarm_rules import AlarmRulesViewModel
from app.gui.viewmodels.now import NowViewModel
from app.gui.views.alarm_rules import AlarmRulesDialog
from app.gui.views.now import NowView
from app.operations.floor_scene import LiveDot


@dataclass(frozen=True, slots=True)
class NowPageParts:
    """What the page is about; ``memory`` keeps whether alarms are heard on this machine."""

    app_state: AppState
    job_runner: JobRunner
    monitor: PipelineMonitor
    memory: QSettings


def make_now_page(
    parts: NowPageParts, *, find_dots: Callable[[], tuple[LiveDot, ...]], parent: QWidget
) -> tuple[NowView, AlarmDeskViewModel]:
    """The page, and the alarms, which others listen to as well.

    Args:
        find_dots: everybody on the floor at the last look at the pipeline, each once.
    """
    app_state, job_runner = parts.app_state, parts.job_runner
    desk = AlarmDeskViewModel(app_state=app_state, job_runner=job_runner, memory=parts.memory)
    now = NowViewModel(
        app_state=app_state, job_runner=job_runner, monitor=parts.monitor, desk=desk, find_dots=find_dots
    )
    page = NowView(now, desk, app_state, parent=parent)
    # longer than the window in which they are edited, so that an edit can be taken back later
    rules = AlarmRulesViewModel(app_state=app_state, job_runner=job_runner, parent=page)

    def open_rules() -> None:
        dialog = AlarmRulesDialog(rules, page.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    page.rules_asked.connect(open_rules)
    return page, desk
