"""Network cameras: RTSP over TCP or UDP, motion JPEG over HTTP, and HLS."""

from __future__ import annotations

import av

from analytics.domain.clock import Clock
from analytics.domain.identifiers import CameraId
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import ReportListener, SourceAddress
from vision.sources.live_source import LiveSource, Opener
from vision.sources.source_address import insert_credentials
from vision.sources.stream_profile import StreamProfile, choose_profile


class StreamSource(LiveSource):
    """One network stream; the password is inserted into the URL only on opening."""

    def __init__(
        self,
        *,
        address: SourceAddress,
        camera: CameraId,
        sampler: FrameSampler,
        clock: Clock,
        listener: ReportListener | None = None,
        profile: StreamProfile | None = None,
        opener: Opener = av.open,
    ) -> None:
        """Prepare without connecting.

        Args:
            listener: receives reports of changed picture sizes and jumps of time stamps.
            profile: limits and options; by default those for the address.
        """
        self._address = address
        super().__init__(
            camera=camera,
            location=address.location,
            transport=address.transport.upper(),
            profile=profile or choose_profile(address),
            sampler=sampler,
            clock=clock,
            listener=listener,
            opener=opener,
        )

    def _target(self) -> tuple[str, str | None]:
        return insert_credentials(self._address), None
