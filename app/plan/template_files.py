"""Templates of zones and lines on disk, one GeoJSON file each, for every venue of this machine."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from analytics.domain.errors import ExpoFlowError, GeometryError, OutputError
from app.error_reporting import explain_error
from app.plan.copied_figures import ZoneTemplate
from app.plan.geojson import read_floor_geojson, write_floor_geojson

_LOG = logging.getLogger(__name__)
SUFFIX = ".geojson"
_NOT_IN_FILE_NAMES = re.compile(r'[/\\:*?"<>|]|^\.')


def save_template(folder: Path, template: ZoneTemplate) -> Path:
    """Keep a template; one of the same name is replaced.

    Args:
        folder: of all templates; it is made where it is absent.

    Raises:
        GeometryError: the name cannot be that of a file.
        OutputError: it cannot be written.
    """
    file = _find_file(folder, template.name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explain_error(OutputError, error, file=folder) from error
    write_floor_geojson(file, template.to_geometry())
    return file


def read_templates(folder: Path) -> tuple[ZoneTemplate, ...]:
    """All templates that can be read, by name; none where the folder is absent."""
    templates = []
    for file in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            geometry = read_floor_geojson(file)
            templates.append(ZoneTemplate.of(file.stem, (*geometry.zones, *geometry.lines)))
        except ExpoFlowError as error:
            # somebody's own file among them must not hide the others
            _LOG.warning("%s is no template: %s", file.name, error.problem)
    return tuple(templates)


def remove_template(folder: Path, name: str) -> None:
    """Forget a template.

    Raises:
        GeometryError: the name cannot be that of a file.
        OutputError: it cannot be removed.
    """
    file = _find_file(folder, name)
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise explain_error(OutputError, error, file=file) from error


def _find_file(folder: Path, name: str) -> Path:
    if _NOT_IN_FILE_NAMES.search(name):
        raise GeometryError(
            "The template cannot be called '{name}'.",
            'Leave out / \\ : * ? " < > | and a dot at the start.',
            name=name,
        )
    return folder / f"{name}{SUFFIX}"
