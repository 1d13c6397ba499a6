"""The log of alarms on disk: read again as it was, after a kill too, and never by halves."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.alarms.alarm_log import LOG_NAME, AlarmLog
from analytics.domain.errors import StoreError
from analytics.domain.zone_targets import AlarmMeasure
from analytics.store.database_url import open_sqlite

STAGE = Alarm(AlarmKey(AlarmMeasure.PEOPLE, "stage"), 1000.5, 100.0, 120.0)
CAMERA = Alarm(AlarmKey(AlarmMeasure.CAMERA_DOWN, camera="cam 1"), 2000.25, 30.0, 31.5)


def test_alarms_are_read_as_they_were_kept(tmp_path: Path) -> None:
    log = AlarmLog(tmp_path)
    log.save([STAGE, CAMERA])
    over = dataclasses.replace(STAGE, acknowledged_utc_s=1010.0, cleared_utc_s=1100.0, worst=130.125)
    log.save([over])
    log.close()
    again = AlarmLog(tmp_path)
    assert again.read(max_count=10) == (CAMERA, over)
    assert again.read(max_count=1) == (CAMERA,)
    again.close()


def test_an_alarm_survives_a_process_that_was_killed(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path\n"
        "from tests.unit.analytics.alarms.test_alarm_log import STAGE, AlarmLog\n"
        "AlarmLog(Path(sys.argv[1])).save([STAGE]); os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    # Windows has no signals: the number is the status
    assert ended.returncode == (9 if os.name == "nt" else -9)
    log = AlarmLog(tmp_path)
    assert log.read(max_count=10) == (STAGE,)
    log.close()


def test_a_log_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    AlarmLog(tmp_path).close()
    engine = open_sqlite(tmp_path / LOG_NAME)
    with engine.begin() as connection:
        connection.execute(text("UPDATE schema_version SET version = 99"))
    engine.dispose()
    with pytest.raises(StoreError, match="newer version of ExpoFlow"):
        AlarmLog(tmp_path)


def test_a_damaged_log_says_so(tmp_path: Path) -> None:
    (tmp_path / LOG_NAME).write_bytes(b"no database " * 500)
    with pytest.raises(StoreError, match="damaged"):
        AlarmLog(tmp_path)


def test_two_programs_that_raise_the_same_alarm_keep_one(tmp_path: Path) -> None:
    log = AlarmLog(tmp_path)
    first = Alarm(STAGE.key, 100.0, 2.0, 3.0)
    assert log.save([first]) == (first,)
    log.save([dataclasses.replace(first, acknowledged_utc_s=101.0)])
    (kept,) = log.save([Alarm(STAGE.key, 100.4, 2.0, 5.0)])
    assert kept == Alarm(STAGE.key, 100.0, 2.0, 5.0, acknowledged_utc_s=101.0)
    log.save(
        [
            Alarm(STAGE.key, 100.4, 2.0, 5.0, cleared_utc_s=200.4),
            dataclasses.replace(first, cleared_utc_s=200.0),
        ]
    )
    (over,) = log.read(max_count=9)
    assert over == Alarm(STAGE.key, 100.0, 2.0, 5.0, acknowledged_utc_s=101.0, cleared_utc_s=200.0)
    log.save([Alarm(STAGE.key, 300.0, 2.0, 3.0)])
    assert len(log.read(max_count=9)) == 2
    log.close()
