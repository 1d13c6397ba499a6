"""Pictures of report pages that are kept beside the tests, and how much another picture may differ.

``python -m tests.support.reports.report_pictures`` draws them again; look at them before they are committed.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from app.print.report_files import write_report_file
from app.reports.report_template import ReportFormat
from tests.support.reports.sample_report import make_sample_report

PICTURES = Path(__file__).resolve().parents[2] / "pictures"
HEIGHT_PX = 600
TILE_PX = 6
MAX_DIFFERENCE = 12.0
"""Of a tile's mean grey, 0 to 255; another version of the renderer shifts edges by a part of a pixel."""

Page = npt.NDArray[np.uint8]


def draw_sample_pages(language: str, folder: Path) -> list[Page]:
    """The sample report's pages as a PDF viewer shows them, grey, shape (600, width) each."""
    file = write_report_file(folder / "sample", make_sample_report(language), ReportFormat.PDF)
    size = ["-scale-to-y", str(HEIGHT_PX), "-scale-to-x", "-1"]
    command = ["pdftoppm", "-gray", "-png", *size, str(file), str(folder / "page")]
    subprocess.run(command, timeout=60, check=True)
    return [_read(page) for page in sorted(folder.glob("page-*.png"))]


def read_pictures(language: str) -> list[Page]:
    """Those that are kept, in the order of the pages."""
    return [_read(page) for page in sorted(PICTURES.glob(f"report-{language}-*.png"))]


def compare_pages(page: Page, known: Page) -> float:
    """The largest difference of a tile's mean grey; infinite where the sizes differ."""
    if page.shape != known.shape:
        return float("inf")
    height, width = (length // TILE_PX * TILE_PX for length in page.shape)
    difference = page[:height, :width].astype(np.float64) - known[:height, :width]
    tiles = difference.reshape(height // TILE_PX, TILE_PX, width // TILE_PX, TILE_PX).mean((1, 3))
    return float(np.abs(tiles).max())


def _read(file: Path) -> Page:
    with Image.open(file) as picture:
        return np.asarray(picture.convert("L"))


def main() -> None:
    """Draw all of them again."""
    PICTURES.mkdir(exist_ok=True)
    for language in ("en", "zh_CN"):
        with tempfile.TemporaryDirectory() as folder:
            for number, page in enumerate(draw_sample_pages(language, Path(folder)), start=1):
                Image.fromarray(page).save(PICTURES / f"report-{language}-{number}.png", optimize=True)


if __name__ == "__main__":
    main()
