"""Plans that are a page of a PDF file, painted by PDFium, which runs no scripts in this build."""

from __future__ import annotations

import numpy as np

from analytics.domain.errors import Phrase, VenueError
from app.plan_import.imported_plan import LONGEST_SIDE_PX, ImportedPlan

POINTS_PER_INCH = 72.0
MILLIMETRES_PER_INCH = 25.4
MOST_PAGES = 2000


def read_pdf_plan(content: bytes, *, page: int) -> ImportedPlan:
    """Paint one page of a PDF file, counted from 1, on white.

    Raises:
        VenueError: it is damaged or wants a password, or has no such page.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        is_locked = "password" in str(error).lower() or getattr(error, "err_code", None) == 4
        raise VenueError(
            "The PDF file {fault}.",
            "Save it again without a password, or its page as PNG, then import that.",
            fault=Phrase("wants a password") if is_locked else Phrase("is damaged"),
        ) from error
    try:
        pages = len(document)
        if not 1 <= page <= min(pages, MOST_PAGES):
            raise VenueError(
                "The PDF file has no page {page}.", "Choose one of its {pages} pages.", page=page, pages=pages
            )
        sheet = document[page - 1]
        width_pt, height_pt = sheet.get_size()
        if not (0 < width_pt < 1e6 and 0 < height_pt < 1e6):
            raise VenueError("The page of the PDF file has no size.", "Save it as PNG, then import that.")
        scale = LONGEST_SIDE_PX / max(width_pt, height_pt)
        if min(width_pt, height_pt) * scale < 1:
            raise VenueError("The page of the PDF file has no size.", "Save it as PNG, then import that.")
        bitmap = sheet.render(scale=scale, may_draw_forms=False, rev_byteorder=True)
        picture = np.array(bitmap.to_numpy()[:, :, :3], np.uint8)
    except pypdfium2.PdfiumError as error:
        raise VenueError(
            "The page of the PDF file cannot be painted.", "Save it as PNG, then import that."
        ) from error
    finally:
        document.close()
    return ImportedPlan(
        picture=picture,
        sheet_width_mm=width_pt / POINTS_PER_INCH * MILLIMETRES_PER_INCH,
        pages=pages,
    )
