"""Reader of plan files of any kind, in a child process with limited time and memory.

The libraries that paint and take apart such files are large and written in C, C++ and Rust; a file made to
break one breaks a process that holds nothing else.
"""

from __future__ import annotations

import json
import multiprocessing
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from analytics.domain.errors import Phrase, VenueError
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import Obstacle
from app.error_reporting import convert_error, pack_error, unpack_error
from app.plan_import.imported_plan import MAX_FILE_BYTES, ImportedPlan

MAX_S = 60.0
MAX_MEMORY_BYTES = 4 * 2**30
PICTURE_NAME = "picture.npy"
ANSWER_NAME = "plan.json"
_HEAD_BYTES = 4096


class PlanKind(StrEnum):
    """The format of a plan file, by its content."""

    RASTER = "raster"
    SVG = "svg"
    PDF = "pdf"
    DXF = "dxf"


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """Options for what a file may leave open.

    Attributes:
        page: of a PDF file, counted from 1.
        unit: of a DXF file without a unit.
        layers: of a DXF file; empty for all.
    """

    page: int = 1
    unit: str | None = None
    layers: tuple[str, ...] = ()


def read_plan_file(
    file: Path, *, options: ReadingOptions | None = None, longest_s: float = MAX_S
) -> ImportedPlan:
    """Read a plan: PNG, JPEG, SVG, a page of a PDF file, or DXF.

    Raises:
        VenueError: there is no such file, it is none of these, damaged, too large, or takes too long.
    """
    kind = find_kind(_read_head(file))
    with tempfile.TemporaryDirectory(prefix="expoflow-plan-") as folder:
        context = multiprocessing.get_context("spawn")
        child = context.Process(
            target=_read_into, args=(file, kind, options or ReadingOptions(), Path(folder)), daemon=True
        )
        child.start()
        child.join(longest_s)
        if child.is_alive():
            child.kill()
            child.join()
            raise VenueError(
                "{file} could not be read within {seconds:.0f} s.",
                "Save it with less detail, or as PNG, then import it.",
                file=file.name,
                seconds=longest_s,
            )
        return _read_answer(file, Path(folder))


def find_kind(head: bytes) -> PlanKind:
    """Return the format of a file by its first bytes; its name is not trusted.

    Raises:
        VenueError: it is nothing that can be a plan.
    """
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return PlanKind.RASTER
    if b"%PDF-" in head[:1024]:
        return PlanKind.PDF
    if text.startswith(b"<") and b"<svg" in head:
        return PlanKind.SVG
    if head.startswith(b"AutoCAD Binary DXF") or _begins_like_dxf(text):
        return PlanKind.DXF
    raise VenueError(
        "The file is not a readable plan.", "Save it as PNG, JPEG, SVG, PDF or DXF, then import it."
    )


def _begins_like_dxf(text: bytes) -> bool:
    """Return whether bytes begin like DXF: pairs of lines, a number and its value, after comments (999)."""
    lines = [line.strip() for line in text.splitlines()]
    while len(lines) > 2 and lines[0] == b"999":
        lines = lines[2:]
    return lines[:2] == [b"0", b"SECTION"]


def _read_head(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        with file.open("rb") as content:
            head = content.read(_HEAD_BYTES)
    except OSError as error:
        raise convert_error(VenueError, error, file=file) from error
    if size > MAX_FILE_BYTES:
        raise VenueError(
            "{file} is too large ({size:.0f} MB).",
            "Reduce its size to at most {most:.0f} MB.",
            file=file.name,
            size=size / 1e6,
            most=MAX_FILE_BYTES / 1e6,
        )
    return head


def _read_into(file: Path, kind: PlanKind, options: ReadingOptions, folder: Path) -> None:
    """Read a plan in the child process; the result is an array file and a JSON file, neither executable."""
    _limit_resources()
    try:
        plan = _read(file.read_bytes(), kind, options)
        if plan.picture is not None:
            np.save(folder / PICTURE_NAME, plan.picture, allow_pickle=False)
        answer = _describe(plan)
    except Exception as error:  # any at all, in words, to the process that waits
        answer = {"failed": pack_error(error)}
    (folder / ANSWER_NAME).write_text(json.dumps(answer), encoding="utf-8")


def _read(content: bytes, kind: PlanKind, options: ReadingOptions) -> ImportedPlan:
    match kind:
        case PlanKind.RASTER:
            from app.plan_import.raster_plan import read_raster_plan

            return read_raster_plan(content)
        case PlanKind.SVG:
            from app.plan_import.raster_plan import read_svg_plan

            return read_svg_plan(content)
        case PlanKind.PDF:
            from app.plan_import.raster_plan import read_pdf_plan

            return read_pdf_plan(content, page=options.page)
        case PlanKind.DXF:
            from app.plan_import.dxf_plan import read_dxf_plan

            layers: Collection[str] | None = options.layers or None
            return read_dxf_plan(content, unit=options.unit, layers=layers)


def _limit_resources() -> None:
    try:
        import resource
    except ImportError:
        # Windows knows no such limits; the time limit of the parent holds there, too
        return
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))


def _describe(plan: ImportedPlan) -> dict[str, object]:
    return {
        "outline": None if plan.outline is None else plan.outline.points,
        "obstacles": [{"name": o.name, "outline": o.outline.points} for o in plan.obstacles],
        "pages": plan.pages,
    }


def _read_answer(file: Path, folder: Path) -> ImportedPlan:
    try:
        answer = json.loads((folder / ANSWER_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise VenueError(
            "The import process crashed while reading {file}.",
            "Save it again, or as PNG, then import it.",
            file=file.name,
        ) from None
    if "failed" in answer:
        raise unpack_error(VenueError, answer["failed"])
    picture_file = folder / PICTURE_NAME
    outline = answer["outline"]
    return ImportedPlan(
        picture=np.load(picture_file, allow_pickle=False) if picture_file.exists() else None,
        outline=None if outline is None else Polygon.from_points(_points(outline), what=Phrase("the hall")),
        obstacles=tuple(
            Obstacle(
                entry["name"],
                Polygon.from_points(
                    _points(entry["outline"]), what=Phrase("obstacle '{name}'", {"name": entry["name"]})
                ),
            )
            for entry in answer["obstacles"]
        ),
        pages=answer["pages"],
    )


def _points(coordinates: list[list[float]]) -> list[tuple[float, float]]:
    return [(x, y) for x, y in coordinates]
