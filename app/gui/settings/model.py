"""View-model of the settings page, and of the models on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Unpack

from PySide6.QtCore import Signal

from analytics.domain.errors import ExpoFlowError, OutputError
from app.access.guard import doing
from app.access.roles import Permission
from app.core.change_set import ChangeSet
from app.core.child_command import run_child_command
from app.core.document import Venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport, describe_error
from app.gui.session.job_runner import Title
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import tr
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.logging_setup import set_log_level
from app.maintenance.model_library import ListedModel, list_models
from app.plan.edit_venue import choose_model
from app.settings.file import models_folder, prepare_models_folder, read_settings, write_settings
from app.settings.paths import cache_folder, logs_folder, settings_folder
from app.settings.paths import models_folder as own_models_folder
from app.settings.schema import MAX_RECENT_VENUES, Settings

MODEL_CHOICE = "choose model"
"""Key of the job that writes a venue's model."""
_WORKING_FIELDS = frozenset(
    {"models_folder", "allow_downloads", "connect_timeout_s", "log_level", "log_format"}
)
"""Settings beyond the window's appearance."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model; ``state`` is one of `ListedModel`'s words."""

    name: str
    state: str
    licence: str
    description: str
    size_bytes: int | None
    can_fetch: bool


@dataclass(frozen=True, slots=True)
class SettingsState:
    """The state of the page; folders are pairs of a translatable English name and a path."""

    language: str = "system"
    theme: str = "system"
    units: str = "metric"
    has_experts_view: bool = False
    models: tuple[ModelRow, ...] = ()
    are_models_known: bool = False
    folders: tuple[tuple[str, Path], ...] = ()
    recent_venues: tuple[Path, ...] = ()
    model_in_use: str = ""
    has_venue: bool = False
    has_own_models_folder: bool = False
    allows_downloads: bool = True
    connect_timeout_s: float = 5.0
    log_level: str = "info"
    is_log_json: bool = False


class SettingsViewModel(VenueViewModel[SettingsState]):
    """View-model of the settings; every change is written at once."""

    language_chosen = Signal(str)
    """``system`` or a language's code."""
    theme_chosen = Signal(str)
    """``system``, ``light`` or ``dark``."""
    units_chosen = Signal(str)
    """``metric`` or ``imperial``."""
    experts_view_chosen = Signal(bool)
    model_chosen = Signal(str)
    """The open venue uses this model from the next recording on."""
    failed = Signal(object)
    """An `ErrorReport`."""

    def __init__(self, *, monitor: PipelineMonitor, **parts: Unpack[VenueParts]) -> None:
        super().__init__(SettingsState(), **parts)
        self._monitor = monitor
        loaded = read_settings()
        self._settings: Settings = loaded.settings
        self.load_error: ErrorReport | None = (
            describe_error(loaded.error, translate=tr) if loaded.error is not None else None
        )
        self._models: tuple[ListedModel, ...] = ()
        self._state = self._show_settings(SettingsState())
        self._app_state.venue_opened.connect(self._show_model_in_use)
        self._app_state.changed.connect(self._show_model_in_use)

    def choose_language(self, language: str) -> None:
        """Set the language; ``system`` for the operating system's."""
        self._change(language=language)
        self.language_chosen.emit(language)

    def choose_theme(self, theme: str) -> None:
        """Set the theme; ``system`` for the operating system's."""
        self._change(theme=theme)
        self.theme_chosen.emit(theme)

    def choose_units(self, units: str) -> None:
        """Set the display units, ``metric`` or ``imperial``."""
        self._change(units=units)
        self.units_chosen.emit(units)

    def show_experts_view(self, is_on: bool) -> None:
        self._change(experts_view=is_on)
        self.experts_view_chosen.emit(is_on)

    def choose_models_folder(self, folder: Path | None) -> None:
        """Set the folder of models, if it is writable; None for ExpoFlow's own.

        What lies in the former folder stays there.
        """
        if folder is None:
            self._set_models_folder(None)
            return
        self._job_runner.run(
            tr("Checking the folder"),
            lambda _context: prepare_models_folder(folder),
            on_done=self._set_models_folder,
            on_failed=self.failed.emit,
        )

    def allow_downloads(self, is_allowed: bool) -> None:
        self._change(allow_downloads=is_allowed)
        self._show_models(self._models)

    def choose_connect_timeout(self, seconds: float) -> None:
        """Set how long a network camera may take to connect, from the next recording on."""
        self._change(connect_timeout_s=seconds)

    def choose_log_level(self, level: str) -> None:
        """Set the log level: ``debug``, ``info``, ``warning`` or ``error``."""
        self._change(log_level=level)
        set_log_level(level)

    def write_json_log(self, is_json: bool) -> None:
        """Write the log as JSON lines or as text, from the next start on."""
        self._change(log_format="json" if is_json else "text")

    def use_model(self, name: str) -> None:
        """Set the model that detects people in the open venue, from the next recording on."""
        venue = self._app_state.venue
        if venue is not None:
            self._job_runner.run_latest(
                MODEL_CHOICE,
                tr("Selecting {name}", name=name),
                lambda _context: choose_model(venue.folder, name),
                on_done=self._on_model_chosen,
                on_failed=self.failed.emit,
            )

    def _on_model_chosen(self, changed: Venue) -> None:
        shown = self._app_state.venue
        if shown is not None and shown.folder == changed.folder:
            self._app_state.replace_venue(changed, ChangeSet(settings=True), initiator=self)
        self.model_chosen.emit(changed.settings.model_name)

    def remember_venue(self, folder: Path) -> None:
        others = [known for known in self._settings.recent_venues if known != folder]
        self._change(recent_venues=(folder.absolute(), *others)[:MAX_RECENT_VENUES])

    def list_models(self) -> None:
        self._job_runner.run_latest(
            "list models",
            tr("Listing the models"),
            lambda _context: tuple(list_models(user_folder=models_folder())),
            on_done=self._show_models,
            on_failed=self.failed.emit,
        )

    def fetch_model(self, name: str) -> None:
        self._run_models_command(lambda: tr("Downloading {name}", name=name), ("models", "get", name))

    def import_model(self, file: Path) -> None:
        self._run_models_command(
            lambda: tr("Importing {name}", name=file.name), ("models", "import", str(file), "--replace")
        )

    def _run_models_command(self, title: Title, arguments: tuple[str, ...]) -> None:
        venue = self._app_state.venue

        def work(context: JobContext) -> str:
            if venue is None:
                return run_child_command(arguments, context)
            with doing(venue.folder, Permission.CHANGE_SETTINGS, "models changed", {"model": arguments[2]}):
                return run_child_command(arguments, context)

        self._job_runner.run(
            title, work, on_done=lambda _said: self.list_models(), on_failed=self.failed.emit
        )

    def _set_models_folder(self, folder: Path | None) -> None:
        self._change(models_folder=folder)
        self.list_models()

    def _show_models(self, models: tuple[ListedModel, ...]) -> None:
        self._models = models
        rows = tuple(
            ModelRow(
                name=model.name,
                state=model.state,
                licence=model.licence,
                description=model.description,
                size_bytes=model.size_bytes,
                can_fetch=model.state == "not fetched" and self._settings.allow_downloads,
            )
            for model in models
        )
        self._change_state(models=rows, are_models_known=True)

    def _show_model_in_use(self, *_change: object) -> None:
        venue = self._app_state.venue
        name = "" if venue is None else venue.settings.model_name
        self._change_state(model_in_use=name, has_venue=venue is not None)

    def _show_settings(self, state: SettingsState) -> SettingsState:
        settings = self._settings
        return replace(
            state,
            language=settings.language,
            theme=settings.theme,
            units=settings.units,
            has_experts_view=settings.experts_view,
            folders=(
                ("Settings", settings_folder()),
                ("Models", settings.models_folder or own_models_folder()),
                ("Log files", logs_folder()),
                ("Cache", cache_folder()),
            ),
            recent_venues=settings.recent_venues,
            has_own_models_folder=settings.models_folder is None,
            allows_downloads=settings.allow_downloads,
            connect_timeout_s=settings.connect_timeout_s,
            log_level=settings.log_level,
            is_log_json=settings.log_format == "json",
        )

    def _change(self, **fields: object) -> None:
        settings = self._settings.model_copy(update=fields)
        if settings == self._settings:
            return
        if not self._is_change_permitted(fields):
            # reset the control to the value in force
            self.state_changed.emit()
            return
        self._settings = settings
        self._set_state(self._show_settings(self._state))
        try:
            write_settings(settings)
        except OutputError as error:
            self.failed.emit(describe_error(error, translate=tr))

    def _is_change_permitted(self, fields: Mapping[str, object]) -> bool:
        """Return whether the user may change a setting; those beyond the appearance need a permission."""
        venue = self._app_state.venue
        if venue is None or not _WORKING_FIELDS & set(fields):
            return True
        what = {name: str(value) for name, value in fields.items()}
        try:
            with doing(venue.folder, Permission.CHANGE_SETTINGS, "settings changed", what):
                return True
        except ExpoFlowError as error:
            self.failed.emit(describe_error(error, translate=tr))
            return False
