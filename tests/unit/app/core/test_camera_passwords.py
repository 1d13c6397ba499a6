"""A password that was given once is found again by whatever opens the camera."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.domain.errors import SourceError
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorPlan
from app.core.credentials import Credential, MemoryCredentialStore, add_credential, store_shared
from app.core.document import VenueSettings
from app.core.file_format import create_venue, read_venue
from app.plan.edit_venue import add_camera

HALL = FloorPlan(Polygon(((0.0, 0.0), (9.0, 0.0), (9.0, 9.0))))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "hall.expoflow"
    create_venue(made, Exhibition("Fair", "UTC"), HALL, settings=VenueSettings(analysed_fps=3.0))
    return made


def add(
    folder: Path,
    address: str,
    store: MemoryCredentialStore,
    *,
    name: str = "north",
    shared: str | None = None,
) -> None:
    add_camera(
        folder,
        name=name,
        address=address,
        user=None,
        password=None,
        frame_size_wh=None,
        analysed_fps=None,
        credentials=store,
        shared_credential=shared,
    )


def test_a_password_in_the_address_goes_to_the_store_and_comes_back(folder: Path) -> None:
    store = MemoryCredentialStore()
    add(folder, "rtsp://guard:geheim@10.0.0.7:554/live", store)

    assert "geheim" not in (folder / "venue.toml").read_text(encoding="utf-8")
    address = read_venue(folder).address_of("north")
    assert address is not None
    assert (address.location, address.user, address.password) == ("rtsp://10.0.0.7:554/live", "guard", None)
    assert add_credential(address, camera="north", store=store).password == "geheim"


@pytest.mark.parametrize("address", ["rtsp://h/x?user=guard&password=geheim", "http://h/v?pwd=geheim"])
def test_a_password_elsewhere_in_the_address_is_refused_by_the_address(folder: Path, address: str) -> None:
    store = MemoryCredentialStore()
    before = (folder / "venue.toml").read_bytes()
    with pytest.raises(SourceError) as caught:
        add(folder, address, store)
    assert "address" in caught.value.problem
    assert "venue.toml" not in str(caught.value)
    assert "heim" not in str(caught.value)
    assert (folder / "venue.toml").read_bytes() == before


def test_a_recording_is_found_from_wherever_the_venue_is_read(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    add(folder, "clip.mp4", MemoryCredentialStore())

    monkeypatch.chdir("/")
    address = read_venue(folder).address_of("north")
    assert address is not None
    assert Path(address.location) == tmp_path / "clip.mp4"


def test_a_new_camera_takes_the_venues_rate(folder: Path) -> None:
    add(folder, "rtsp://10.0.0.7/live", MemoryCredentialStore())
    assert read_venue(folder).camera("north").camera.analysed_fps == 3.0


def test_cameras_of_a_venue_share_a_password(folder: Path) -> None:
    store = MemoryCredentialStore()
    store_shared("hall", Credential("guard", "geheim"), store=store)
    for name, host in (("north", "10.0.0.7"), ("south", "10.0.0.8")):
        add(folder, f"rtsp://somebody:else@{host}/live", store, name=name, shared="hall")
    text = (folder / "venue.toml").read_text(encoding="utf-8")
    assert not any(word in text for word in ("geheim", "somebody", "else"))
    store_shared("hall", Credential("guard", "neu"), store=store)
    for name in ("north", "south"):
        address = read_venue(folder).address_of(name)
        assert address is not None
        opened = add_credential(address, camera=name, store=store)
        assert (opened.user, opened.password) == ("guard", "neu")
