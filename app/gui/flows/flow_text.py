"""Places, shares and rates of flows as people read them, in the window's language."""

from __future__ import annotations

from collections.abc import Sequence

from app.flows.flow_figures import LEAST_COUNT, Place, PlaceKind, Share
from app.gui.session.cell_text import ABSENT, format_number, format_share
from app.gui.session.translation import display_name, tr

ARROW = " → "


def name_place(place: Place) -> str:
    """A zone's name, or what else stands at an end of a stream."""
    match place.kind:
        case PlaceKind.ZONE:
            return display_name(place.zone)
        case PlaceKind.OUTSIDE:
            return tr("outside or not observed")
        case PlaceKind.CAME:
            return tr("came in")
        case PlaceKind.LEFT:
            return tr("left the hall")
        case PlaceKind.LOST:
            return tr("lost from sight")
        case PlaceKind.OTHERS:
            return tr("other zones")


def name_route(zones: Sequence[str]) -> str:
    """Zones one after the other."""
    return ARROW.join(display_name(zone) for zone in zones)


def format_count(count: int | None) -> str:
    """A count; few are said to be few, and none is a dash."""
    if count is None:
        return ABSENT
    return tr("fewer than {n}", n=LEAST_COUNT) if 0 < count < LEAST_COUNT else format_number(count)


def format_share_interval(share: Share) -> str:
    """A share with its 95 % interval; a dash for no value."""
    if share.value is None:
        return ABSENT
    if share.interval is None:
        return format_share(share.value)
    low, high = (format_number(100 * limit) for limit in share.interval)
    return tr("{value} ({low} to {high})", value=format_share(share.value), low=low, high=high)


def format_rate_interval(rate: Share, *, decimals: int = 1) -> str:
    """A rate with its 95 % interval; a dash for no value."""
    if rate.value is None:
        return ABSENT
    value = format_number(rate.value, decimals=decimals)
    if rate.interval is None:
        return value
    low, high = (format_number(limit, decimals=decimals) for limit in rate.interval)
    return tr("{value} ({low} to {high})", value=value, low=low, high=high)


def export_number(value: float | None) -> str:
    """For a file: a point, no separators, nothing for no value."""
    return "" if value is None else f"{value:.4g}"


def export_count(count: int | None) -> str:
    """For a file: fewer than ``LEAST_COUNT`` are not told; nothing for none."""
    if count is None:
        return ""
    return f"<{LEAST_COUNT}" if 0 < count < LEAST_COUNT else str(count)
