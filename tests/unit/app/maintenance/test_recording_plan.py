"""What a venue's pipeline is told, and which network it needs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analytics.domain.clock import SystemClock
from analytics.domain.errors import ModelError
from app.core.credentials import open_credential_store
from app.core.document import Venue
from app.maintenance.choose_detector import needs_another_model
from app.maintenance.model_library import get_model
from app.recording.record_venue import make_recording_plan
from app.settings.file import write_settings
from app.settings.schema import Settings
from tests.support.halls.live_venue import make_live_venue
from vision.detection.model_catalogue import DEMONSTRATION_MODEL
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.stream_profile import OPEN_LIMIT_S, choose_profile


def use_demonstration_model(venue: Venue) -> Venue:
    return replace(venue, settings=replace(venue.settings, model_name=DEMONSTRATION_MODEL))


def test_the_patience_of_the_settings_reaches_every_camera(tmp_path: Path) -> None:
    plan = make_recording_plan(
        use_demonstration_model(make_live_venue(tmp_path, 2)),
        credentials=open_credential_store(),
        user_models=tmp_path,
        open_limit_s=17.0,
    )
    assert [choose_profile(feed.address).open_limit_s for feed in plan.feeds] == [17.0, 17.0]
    assert choose_profile(SourceAddress(SourceKind.RTSP, "rtsp://192.0.2.7/")).open_limit_s == OPEN_LIMIT_S


def test_a_camera_may_have_a_network_of_its_own(tmp_path: Path) -> None:
    venue = use_demonstration_model(make_live_venue(tmp_path, 2))
    own = tmp_path / "larger.xml"
    own.touch()
    entry = venue.cameras[1]
    venue = venue.with_camera(replace(entry, camera=replace(entry.camera, model_name=str(own))))
    plan = make_recording_plan(venue, credentials=open_credential_store(), user_models=tmp_path)
    assert [choice.model_path.name for choice in plan.detectors] == [DEMONSTRATION_MODEL, "larger.xml"]


def test_only_real_cameras_need_another_model_than_the_demonstrations(tmp_path: Path) -> None:
    venue = make_live_venue(tmp_path, 1)
    assert not needs_another_model(venue)
    assert needs_another_model(use_demonstration_model(venue))
    (entry,) = venue.cameras
    looped = replace(entry, address=SourceAddress(SourceKind.CLIP, "clip.mp4"))
    assert not needs_another_model(use_demonstration_model(replace(venue, cameras=(looped,))))
    assert not needs_another_model(use_demonstration_model(replace(venue, cameras=())))


def test_nothing_is_fetched_where_that_is_forbidden(tmp_path: Path) -> None:
    write_settings(Settings(allow_downloads=False))
    with pytest.raises(ModelError, match="forbid downloads") as refused:
        get_model("yolo26n", user_folder=tmp_path, clock=SystemClock())
    assert "settings" in refused.value.remedy
