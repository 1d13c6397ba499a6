"""Texts of the coverage planner: layers, legends, cameras, advice, and values at the pointer."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.domain.errors import Phrase
from app.coverage.coverage_map import CoverageLayer, CoverageMap
from app.coverage.coverage_report import CameraCoverage, CoverageReport, ShownLayer
from app.coverage.mounting_advice import MAX_ERROR_M, NEEDED_PERSON_PX, MountingAdvice
from app.gui.session.cell_text import format_number, format_share
from app.gui.session.translation import display_name, tr, translate_phrase, trn
from app.gui.session.units import current_units


@dataclass(frozen=True, slots=True)
class LayerLegend:
    """Labels of a map's colours at its bad end, in the middle and at its good end."""

    title: str = ""
    bad: str = ""
    middle: str = ""
    good: str = ""
    is_count: bool = False


@dataclass(frozen=True, slots=True)
class CameraRow:
    """One camera in the list.

    Attributes:
        note: short description of its coverage.
    """

    name: str
    text: str
    note: str
    is_planned: bool


@dataclass(frozen=True, slots=True)
class AdviceRow:
    """One piece of advice as text.

    Attributes:
        camera: planned camera to change; empty if the advice cannot be applied.
    """

    text: str
    camera: str = ""


OBSERVE_PX_M, RECOGNISE_PX_M = 62.5, 125.0
"""EN 62676-4: pixels per metre to observe a person, and to recognise one who is known."""


def name_layers() -> tuple[tuple[CoverageLayer, str, str], ...]:
    return (
        (CoverageLayer.CAMERAS, tr("Cameras"), tr("Number of cameras that see each place")),
        (CoverageLayer.DENSITY, tr("Pixels per metre"), tr("Pixels across one metre of floor")),
        (
            CoverageLayer.PERSON,
            tr("Person height"),
            tr("Height of a standing person in the detector's picture"),
        ),
        (CoverageLayer.ERROR, tr("Expected error"), tr("Expected error of positions")),
        (
            CoverageLayer.HIDDEN,
            tr("Hidden"),
            tr("Probability that a person is hidden by others from every camera"),
        ),
    )


def describe_legend(layer: CoverageLayer) -> LayerLegend:
    units = current_units()
    match layer:
        case CoverageLayer.CAMERAS:
            return LayerLegend(tr("Number of cameras"), "1", "2", tr("3 or more"), is_count=True)
        case CoverageLayer.DENSITY:
            middle = format_number(OBSERVE_PX_M / units.per_metre, decimals=1)
            good = format_number(RECOGNISE_PX_M / units.per_metre)
            return LayerLegend(
                tr("Pixels per {unit} of floor", unit=units.symbol), "0", middle, tr("{n} or more", n=good)
            )
        case CoverageLayer.PERSON:
            return LayerLegend(
                tr(
                    "Person height in the detector's picture, in pixels; {needed} needed",
                    needed=format_number(NEEDED_PERSON_PX),
                ),
                "0",
                format_number(NEEDED_PERSON_PX),
                tr("{n} or more", n=format_number(2 * NEEDED_PERSON_PX)),
            )
        case CoverageLayer.ERROR:
            middle, bad = (
                format_number(units.from_metres(value), decimals=2)
                for value in (MAX_ERROR_M, 2 * MAX_ERROR_M)
            )
            return LayerLegend(
                tr("Position error in {unit}", unit=units.symbol), tr("{n} or more", n=bad), middle, "0"
            )
        case CoverageLayer.HIDDEN:
            return LayerLegend(
                tr("Probability of being hidden by other people"),
                format_share(1.0),
                format_share(0.5),
                format_share(0.0),
            )


def shade_layer(layer: CoverageLayer, coverage: CoverageMap) -> ShownLayer:
    values, grid = coverage.layer(layer), coverage.grid
    match layer:
        case CoverageLayer.CAMERAS:
            shares = values
        case CoverageLayer.DENSITY:
            shares = 1 - values / RECOGNISE_PX_M
        case CoverageLayer.PERSON:
            shares = 1 - values / (2 * NEEDED_PERSON_PX)
        case CoverageLayer.ERROR:
            shares = values / (2 * MAX_ERROR_M)
        case CoverageLayer.HIDDEN:
            shares = values
    return ShownLayer(
        shares=shares,
        is_unseen=np.asarray(coverage.is_floor & ~coverage.is_seen, np.bool_),
        rect_m=grid.rect,
        is_count=layer is CoverageLayer.CAMERAS,
    )


def describe_place(layer: CoverageLayer, coverage: CoverageMap, point: tuple[float, float]) -> str:
    """Describe a layer's value at a point of the floor; empty outside of it."""
    cell = int(coverage.grid.find_cells(np.array([point[0]]), np.array([point[1]]))[0])
    if cell < 0 or not coverage.is_floor.ravel()[cell]:
        return ""
    count = int(coverage.cameras.ravel()[cell])
    if not count:
        return tr("not seen by any camera")
    value = float(coverage.layer(layer).ravel()[cell])
    if not math.isfinite(value):
        return tr("unknown here")
    return _describe_value(layer, value, count)


def _describe_value(layer: CoverageLayer, value: float, count: int) -> str:
    units = current_units()
    match layer:
        case CoverageLayer.CAMERAS:
            return trn("seen by {n} camera", "seen by {n} cameras", count)
        case CoverageLayer.DENSITY:
            return tr("{n} pixels per {unit}", n=format_number(value / units.per_metre), unit=units.symbol)
        case CoverageLayer.PERSON:
            return tr("people are {n} pixels tall in the detector's picture", n=format_number(value))
        case CoverageLayer.ERROR:
            return tr(
                "error {n} {unit}", n=format_number(units.from_metres(value), decimals=2), unit=units.symbol
            )
        case CoverageLayer.HIDDEN:
            return tr("{share} probability of being hidden", share=format_share(value))


def describe_cameras(cameras: Sequence[CameraCoverage]) -> tuple[CameraRow, ...]:
    rows = []
    for camera in cameras:
        name = display_name(camera.name)
        if camera.mounted is None:
            note = tr("not calibrated")
        elif camera.mounted.mounting is None:
            note = tr("sees {area}", area=format_area(camera.seen_m2))
        else:
            units = current_units()
            height = units.from_metres(camera.mounted.mounting.pose.height_m)
            note = tr(
                "sees {area}, {only} of it alone; {height} {unit} high",
                area=format_area(camera.seen_m2),
                only=format_area(camera.only_m2),
                height=format_number(height, decimals=1),
                unit=units.symbol,
            )
        text = tr("{camera} (planned)", camera=name) if camera.is_planned else name
        rows.append(CameraRow(camera.name, text, note, camera.is_planned))
    return tuple(rows)


def describe_summary(report: CoverageReport) -> str:
    """Describe how much of the floor is seen, in a sentence."""
    words = tr(
        "{seen} of {floor} of floor are in clear view, {overlap} to two cameras or more.",
        seen=format_area(report.seen_m2),
        floor=format_area(report.floor_m2),
        overlap=format_area(report.overlap_m2),
    )
    unknown = sum(camera.mounted is None for camera in report.cameras)
    if unknown:
        words += " " + trn(
            "{n} camera is not calibrated, so its coverage is unknown.",
            "{n} cameras are not calibrated, so their coverage is unknown.",
            unknown,
        )
    return words


def describe_advice(advice: Sequence[MountingAdvice], planned: Sequence[str]) -> tuple[AdviceRow, ...]:
    """Translate advice; advice that can be applied names its planned camera."""
    rows = []
    for piece in advice:
        camera = piece.camera if piece.camera in planned and piece.change is not None else None
        rows.append(AdviceRow(translate_phrase(_show_names(piece.words)), camera or ""))
    return tuple(rows)


def format_area(area_m2: float) -> str:
    units = current_units()
    return f"{format_number(area_m2 / units.per_m2)} {units.area_symbol}"


def _show_names(words: Phrase) -> Phrase:
    shown = {key: display_name(str(words.fields[key])) for key in ("zone", "camera") if key in words.fields}
    return dataclasses.replace(words, fields={**words.fields, **shown})
