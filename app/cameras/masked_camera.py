"""Whose privacy mask covers the pictures of an address that is tried before it is saved."""

from __future__ import annotations

from urllib.parse import urlsplit

from analytics.domain.camera import Camera
from app.core.document import Venue
from vision.sources.frame_source import SourceAddress


def find_masked_camera(venue: Venue, address: SourceAddress) -> Camera | None:
    """The venue's camera with a privacy mask that reads this address, or another one of the same device.

    Another stream of a device mostly shows what the first shows. Where it does not, as behind a recorder
    with several cameras, too much is blackened in a preview, and never too little.
    """
    host = _find_host(address.location)
    of_device = None
    for entry in venue.cameras:
        known = venue.address_of(entry.name)
        if known is None or not entry.camera.privacy_mask:
            continue
        if known.location == address.location:
            return entry.camera
        if of_device is None and host is not None and _find_host(known.location) == host:
            of_device = entry.camera
    return of_device


def _find_host(location: str) -> str | None:
    try:
        return urlsplit(location).hostname
    except ValueError:
        return None
