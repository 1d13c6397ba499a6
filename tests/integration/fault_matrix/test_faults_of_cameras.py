"""A camera fails in every way that cameras do; it comes back by itself and takes no other with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from analytics.domain.identifiers import CameraId
from app.cameras.edit_masks import SetMayBeDark
from app.plan.saved_edits import save_edit
from tests.integration.fault_matrix.conftest import FRAMES, Row
from tests.integration.fault_matrix.recorder import CRASH_ALWAYS, CRASH_ONCE
from tests.integration.fault_matrix.recording import CAMERAS, FPS, VICTIM, Evidence, Recording, recording
from tests.integration.fault_matrix.time_limits import MAX_WAIT_S, require_within

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BACK_WITHIN_S = 10.0
PROCESS_BACK_WITHIN_S = 5.0
OTHERS_KEEP = 0.95
UNSEEN_S = 300.0
NEIGHBOURS, FAR = CAMERAS[1:4], CAMERAS[4]
Clips = dict[str, Path]


@dataclass(frozen=True)
class Fault:
    """What is done to the camera's server, for how long, and how it is undone."""

    name: str
    begin: Callable[[Recording, Clips], None]
    end: Callable[[Recording, Clips], None] = lambda _recording, _clips: None
    lasts_s: float = 4.0
    back_within_s: float = BACK_WITHIN_S


def change_codec(under_test: Recording, clips: Clips) -> None:
    camera = under_test.victim
    camera._mounts["/cam"] = camera._load(clips["h265"])
    camera.start()


def restart(under_test: Recording, _clips: Clips) -> None:
    under_test.victim.start()


def set_password(password: str) -> Callable[[Recording, Clips], None]:
    def change(under_test: Recording, _clips: Clips) -> None:
        camera = under_test.victim
        camera.kill()
        camera._password = password
        camera.start()

    return change


def clear(under_test: Recording, _clips: Clips) -> None:
    under_test.victim.clear()


def begin(name: str, *, rate: float = 0.02) -> Callable[[Recording, Clips], None]:
    return lambda under_test, _clips: under_test.victim.fault(name, rate=rate)


def fall_silent(under_test: Recording, _clips: Clips) -> None:
    under_test.victim.kill()
    under_test.victim.fault("deaf")
    under_test.victim.start()


FAULTS = [
    Fault("server killed", lambda r, _: r.victim.kill(), restart),
    Fault(
        "server killed by reset",
        lambda r, _: r.victim.kill(reset=True),
        restart,
    ),
    Fault("stalled half way in TCP", begin("stall"), clear, lasts_s=6.0),
    Fault("connected, and no pictures", begin("freeze"), clear, lasts_s=6.0),
    Fault("accepts, and never answers", fall_silent, clear, lasts_s=7.0),
    Fault("garbage in the stream", begin("corrupt", rate=0.7), clear),
    Fault("packets lost", begin("loss", rate=0.5), clear),
    Fault("time stamps jump an hour back", begin("jump"), lasts_s=0.5),
    Fault("another resolution", lambda r, c: r.victim.switch(c["large"]), lasts_s=0.5),
    Fault("another codec", lambda r, _: r.victim.kill(), change_codec, lasts_s=2.0),
    # tried again slowly, so that no camera locks the account
    Fault(
        "wrong password, then the right one",
        set_password("other"),
        set_password("s3cret-pass"),
        back_within_s=45.0,
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_a_camera_that_fails_comes_back_alone(
    fault: Fault, tmp_path: Path, clips: Clips, table: list[Row]
) -> None:
    folder = tmp_path / "hall.expoflow"
    with recording(folder, clips["usual"]) as under_test:
        began_utc_s = time.time()
        before_utc_s = began_utc_s - 2.0
        fault.begin(under_test, clips)
        time.sleep(fault.lasts_s)
        fault.end(under_test, clips)
        back_s = under_test.wait_until_back(MAX_WAIT_S)
        require_within(back_s, fault.back_within_s, what=fault.name)
        time.sleep(3.0)
        ended_utc_s = time.time() - 0.5
        assert under_test.running.restarts() == 0
    evidence = Evidence.read(folder)
    evidence.check_spans()
    others = measure_others(evidence, CAMERAS[1:], before_utc_s, began_utc_s, ended_utc_s)
    assert others >= OTHERS_KEEP
    for camera in CAMERAS[1:]:
        evidence.check_numbers(camera, FRAMES)
    lost_s = max(evidence.unrecorded_s(camera) for camera in CAMERAS)
    assert lost_s <= 1.0
    table.append(Row(fault.name, back_s, lost_s, find_gap(evidence, VICTIM), 100 * others))


@pytest.mark.timeout(600)
def test_five_minutes_of_a_frozen_and_of_a_black_picture_are_gaps_but_a_dark_hall_by_choice_is_not(
    tmp_path: Path, clips: Clips, table: list[Row]
) -> None:
    folder = tmp_path / "hall.expoflow"
    frozen, black, night, *others = CAMERAS
    with recording(folder, clips["usual"], has_begun=False) as under_test:
        save_edit(folder, SetMayBeDark(CameraId(night), True))
        under_test.start()
        under_test.warm_up()
        time.sleep(8.0)
        before_utc_s = time.time() - 2.0
        for camera, clip in ((frozen, "still"), (black, "black"), (night, "black")):
            under_test.servers[camera].switch(clips[clip])
        began_utc_s = time.time()
        under_test.wait_for(
            lambda r: [r.status["cameras"][one]["state"] for one in (frozen, black)] == ["frozen", "dark"],
            45.0,
            what="a word",
        )
        time.sleep(max(0.0, began_utc_s + UNSEEN_S - time.time()))
        ended_utc_s = time.time()
        for camera in (frozen, black, night):
            under_test.servers[camera].switch(clips["usual"])
        back_s = under_test.wait_until_back(MAX_WAIT_S, (frozen, black, night))
        require_within(back_s, BACK_WITHIN_S, what="pictures that are alive again")
        time.sleep(5.0)
        assert under_test.running.restarts() == 0
    evidence = Evidence.read(folder)
    evidence.check_spans()
    for camera, cause in ((frozen, "frozen"), (black, "dark")):
        (gap,) = evidence.gaps[evidence.gaps["camera"] == camera].itertuples()
        assert gap.cause == cause
        assert began_utc_s - 1.0 <= gap.start_s <= began_utc_s + 10.0
        assert ended_utc_s - 1.0 <= gap.end_s <= ended_utc_s + 3.0
        times_s = evidence.times(camera)
        assert not ((times_s > gap.start_s) & (times_s < gap.end_s)).any(), "nobody is credited"
        assert evidence.unrecorded_s(camera) <= 1.0
    assert not evidence.gaps["camera"].isin([night, *others]).any()
    for camera in (night, *others):
        assert evidence.rate(camera, before_utc_s, ended_utc_s) >= OTHERS_KEEP * FPS
    kept = measure_others(evidence, tuple(others), before_utc_s, began_utc_s, ended_utc_s)
    for camera, name in ((frozen, "picture frozen for 5 minutes"), (black, "picture black for 5 minutes")):
        table.append(Row(name, back_s, 0.0, find_gap(evidence, camera), 100 * kept))


def test_a_decoder_that_crashes_costs_one_restart(tmp_path: Path, clips: Clips, table: list[Row]) -> None:
    folder = tmp_path / "hall.expoflow"
    with recording(folder, clips["usual"]) as under_test:
        began_utc_s = time.time()
        (folder / f"{CRASH_ONCE}-{VICTIM}").touch()
        under_test.wait_for(lambda r: r.restarts() == 1, MAX_WAIT_S, what="a crash")
        back_s = under_test.wait_until_back(MAX_WAIT_S, (VICTIM, *NEIGHBOURS))
        require_within(back_s, PROCESS_BACK_WITHIN_S, what="a crashed decoder's process")
        time.sleep(3.0)
        ended_utc_s = time.time() - 0.5
        assert under_test.running.restarts() == 1
    evidence = Evidence.read(folder)
    evidence.check_spans()
    others = measure_others(evidence, (FAR,), began_utc_s - 2.0, began_utc_s, ended_utc_s)
    assert others >= OTHERS_KEEP
    lost_s = max(evidence.unrecorded_s(camera) for camera in CAMERAS)
    assert lost_s <= 1.0
    assert (evidence.events["kind"] == "restarted").any()
    table.append(Row("decoder crashes", back_s, lost_s, find_gap(evidence, VICTIM), 100 * others))


def test_a_camera_that_keeps_crashing_its_process_is_set_aside_and_said_so(
    tmp_path: Path, clips: Clips, table: list[Row]
) -> None:
    folder = tmp_path / "hall.expoflow"
    with recording(folder, clips["usual"]) as under_test:
        began_utc_s = time.time()
        (folder / f"{CRASH_ALWAYS}-{VICTIM}").touch()
        took_s = under_test.wait_for(
            lambda r: r.status["cameras"][VICTIM]["state"] == "quarantined", MAX_WAIT_S, what="quarantine"
        )
        set_aside_utc_s = time.time()
        assert "SIGABRT" in under_test.running.status["cameras"][VICTIM]["detail"]
        under_test.wait_until_back(MAX_WAIT_S, NEIGHBOURS)
        time.sleep(4.0)
        ended_utc_s = time.time() - 0.5
    evidence = Evidence.read(folder)
    evidence.check_spans()
    far = measure_others(evidence, (FAR,), began_utc_s - 2.0, began_utc_s, ended_utc_s)
    assert far >= OTHERS_KEEP
    neighbours = measure_others(evidence, NEIGHBOURS, began_utc_s - 2.0, set_aside_utc_s, ended_utc_s)
    assert neighbours >= OTHERS_KEEP, "since it is alone, its neighbours are not taken along"
    lost_s = max(evidence.unrecorded_s(camera) for camera in CAMERAS[1:])
    assert lost_s <= 1.0
    gap = evidence.gaps[evidence.gaps["camera"] == VICTIM].iloc[-1]
    assert gap["end_s"] >= ended_utc_s - 2.0, "the time since then is a gap"
    row = Row("decoder keeps crashing: set aside", took_s, lost_s, gap["end_s"] - gap["start_s"], 100 * far)
    table.append(row)


def measure_others(
    evidence: Evidence, cameras: tuple[str, ...], before_s: float, start_s: float, end_s: float
) -> float:
    """The least part of its frame rate that a camera kept; what it had before, at most what it sends."""
    return min(
        evidence.rate(camera, start_s, end_s) / min(FPS, evidence.rate(camera, before_s, start_s))
        for camera in cameras
    )


def find_gap(evidence: Evidence, camera: str) -> float:
    """Seconds that are recorded as gaps of a camera."""
    gaps = evidence.gaps[evidence.gaps["camera"] == camera]
    return float((gaps["end_s"] - gaps["start_s"]).sum())
