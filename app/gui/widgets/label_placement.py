"""Where names stand on a plan: none covers another, the more important ones first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSizeF

_APART_PX = 2.0


@dataclass(frozen=True, slots=True)
class LabelWish:
    """A name that wants a place; everything in pixels.

    Attributes:
        centres: where its middle may be, the best first.
        is_shy: it covers avoided areas only where nothing else is free, and then as few as it can.
    """

    size: QSizeF
    centres: tuple[QPointF, ...]
    is_shy: bool = False

    def lie_at(self, centre: QPointF) -> QRectF:
        """What it covers there."""
        return QRectF(QPointF(0, 0), self.size).translated(
            centre.x() - self.size.width() / 2, centre.y() - self.size.height() / 2
        )


def place_labels(wishes: Sequence[LabelWish], *, avoided: Sequence[QRectF] = ()) -> list[QPointF | None]:
    """The middle of every name, in the order given, which is that of importance; None where it must wait."""
    taken: list[QRectF] = []
    places: list[QPointF | None] = []
    for wish in wishes:
        # one after the other, for the first place is nearly always free
        free: Iterator[QPointF] = (c for c in wish.centres if not _covers(wish, taken, c))
        if wish.is_shy:
            free = iter(sorted(free, key=partial(_count_covered, wish, avoided)))
        place = next(free, None)
        places.append(place)
        if place is not None:
            taken.append(wish.lie_at(place).adjusted(-_APART_PX, -_APART_PX, _APART_PX, _APART_PX))
    return places


def _covers(wish: LabelWish, areas: Sequence[QRectF], centre: QPointF) -> bool:
    return _count_covered(wish, areas, centre) > 0


def _count_covered(wish: LabelWish, areas: Sequence[QRectF], centre: QPointF) -> int:
    place = wish.lie_at(centre)
    return sum(place.intersects(area) for area in areas)


def list_centres_around(place: QPointF, size: QSizeF, *, gap_px: float) -> tuple[QPointF, ...]:
    """Beside a mark: above, below, to the right and left, then at the corners."""
    across, down = size.width() / 2 + gap_px, size.height() / 2 + gap_px
    ways = ((0, -1), (0, 1), (1, 0), (-1, 0), (1, -1), (-1, -1), (1, 1), (-1, 1))
    return tuple(place + QPointF(x * across, y * down) for x, y in ways)
