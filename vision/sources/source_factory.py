"""Creation of the source for an address."""

from __future__ import annotations

from analytics.domain.camera import Camera
from analytics.domain.clock import Clock
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.source_counters import CountingSource


def open_source(
    address: SourceAddress, camera: Camera, sampler: FrameSampler, clock: Clock
) -> CountingSource:
    """Return a source for the address, ready for its ``open()``; nothing is connected yet.

    Args:
        sampler: sampler for this source alone; it selects the frames to convert.

    Raises:
        SourceError: the address cannot be read on this system.
    """
    match address.kind:
        case SourceKind.RTSP | SourceKind.HTTP:
            from vision.sources.stream_source import StreamSource

            return StreamSource(
                address=address, camera=camera.name, sampler=sampler, clock=clock, listener=None
            )
        case SourceKind.DEVICE:
            from vision.sources.device_source import DeviceSource

            return DeviceSource(
                address=address, camera=camera.name, sampler=sampler, clock=clock, listener=None
            )
        case SourceKind.VIDEO:
            from vision.sources.video_file_source import VideoFileSource

            return VideoFileSource(
                address=address, camera=camera.name, sampler=sampler, clock=clock, listener=None
            )
        case SourceKind.IMAGES:
            from vision.sources.image_sequence_source import ImageSequenceSource

            return ImageSequenceSource(
                address=address, camera=camera.name, sampler=sampler, clock=clock, listener=None
            )
        case SourceKind.CLIP:
            from vision.sources.looped_clip_source import LoopedClipSource

            return LoopedClipSource(
                address=address, camera=camera.name, sampler=sampler, clock=clock, listener=None
            )
