"""Health is kept for days, half lines are passed over, and old days go."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

from app.recording.health_log import FOLDER_NAME, RETENTION_DAYS, HealthLog, read_health
from app.recording.health_sample import EVENTS_NAME, HealthProbe, measure_write_lag_s
from tests.support.windows.scripted_monitor import make_status
from vision.pipeline.pipeline_status import PipelineStatus, ProcessStatus

DAY_S = 86_400.0
START_S = 1_764_000_000.0
STATUS = PipelineStatus(
    cameras=(make_status("a", fps_analysed=5.0, age_s=0.25),),
    processes=(ProcessStatus("inference", 1, 5.0, 2, False, ""),),
)


def test_samples_of_days_are_read_back_and_old_ones_go(tmp_path: Path) -> None:
    log = HealthLog(tmp_path)
    sample = HealthProbe(tmp_path).measure(STATUS, now_utc_s=START_S)
    assert sample.cameras[0].fps_analysed == 5.0
    assert sample.cameras[0].latency_s == 0.25
    assert sample.recorder_memory_bytes is not None
    assert sample.recorder_memory_bytes > 10_000_000
    assert sample.disk_free_bytes is not None
    assert sample.restarts == 2
    log.add(sample)
    (file,) = (tmp_path / FOLDER_NAME).iterdir()
    with file.open("a") as lines:
        lines.write('\n{"at_utc_s": 17')
    later = replace(sample, at_utc_s=START_S + 60.0, cameras=())
    log.add(later)
    assert read_health(tmp_path, start_utc_s=START_S, end_utc_s=START_S + 60.0) == (sample, later)
    assert read_health(tmp_path, start_utc_s=START_S + 1.0, end_utc_s=START_S + DAY_S) == (later,)
    log.add(replace(sample, at_utc_s=START_S + (RETENTION_DAYS + 1) * DAY_S))
    assert not file.exists()


def test_the_lag_is_the_age_of_what_is_on_disk(tmp_path: Path) -> None:
    assert measure_write_lag_s(tmp_path, now_utc_s=100.0) is None
    connection = sqlite3.connect(tmp_path / EVENTS_NAME)
    connection.execute("CREATE TABLE observed_spans (camera TEXT, start_us INTEGER, end_us INTEGER)")
    connection.commit()
    assert measure_write_lag_s(tmp_path, now_utc_s=100.0) is None
    connection.execute("INSERT INTO observed_spans VALUES ('a', 0, 98500000)")
    connection.commit()
    connection.close()
    assert measure_write_lag_s(tmp_path, now_utc_s=100.0) == 1.5
