"""What pages are filled with: pieces of known height, one below the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.print.page_painter import PagePainter

Paint = Callable[[PagePainter, float, float, float], object]
"""Paints at x, y and in a width, points."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that is not cut by the end of a page.

    Attributes:
        height: points, the space below it with it.
        paint: paints it.
        keeps_next: stays on the page of the piece below it, as a heading does.
        head: painted again above it where it comes first on a page, as a table's heading.
        bookmark: leads to it from the reader's list; empty for none.
        starts_page: begins a new page.
        is_space: nothing is painted; left out at the end of a page and at its beginning.
    """

    height: float
    paint: Paint
    keeps_next: bool = False
    head: Piece | None = None
    bookmark: str = ""
    starts_page: bool = False
    is_space: bool = False


@dataclass(frozen=True, slots=True)
class PlacedPiece:
    """A piece on its page."""

    piece: Piece
    y: float


def place_pieces(pieces: list[Piece], *, top: float, bottom: float) -> list[list[PlacedPiece]]:
    """Fill pages from top to bottom, points; what is higher than a page has one of its own."""
    pages: list[list[PlacedPiece]] = [[]]
    y = top
    for index, piece in enumerate(pieces):
        if piece.is_space and (not pages[-1] or y + piece.height > bottom):
            # a page of its own would be an empty one
            continue
        needed = piece.height
        follower = index
        while pieces[follower].keeps_next and follower + 1 < len(pieces):
            follower += 1
            needed += pieces[follower].height
        is_first = not pages[-1]
        if not is_first and (piece.starts_page or y + needed > bottom):
            pages.append([])
            y = top
            if piece.head is not None:
                pages[-1].append(PlacedPiece(piece.head, y))
                y += piece.head.height
        pages[-1].append(PlacedPiece(piece, y))
        y += piece.height
    return pages


def make_space(height: float) -> Piece:
    """Nothing."""
    return Piece(height, lambda _page, _x, _y, _width: None, is_space=True)
