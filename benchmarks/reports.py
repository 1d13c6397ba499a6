"""How long reports of a day, a month and sixty stands take, and how long a window's loop waits meanwhile.

The month is that of ``benchmarks.rollups``: 16 cameras, 51 stands, 6,000 visitors a day. The stands are those
of a day of a fair with 60, all of them booths, and 1,000 visitors. What each report takes is put beside what
no report does without: reading the same tables of the same period, in the same run. All runs in a thread
as in the window, while a loop on the main thread wants to be called every 10 ms.

``python -m benchmarks.reports [FOLDER]`` keeps the venues in FOLDER and takes them from there the next time.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

from analytics.domain.event_sink import ObservedSpan
from analytics.domain.exhibition import Interval
from analytics.rollups.period_facts import StretchFacts
from analytics.rollups.rollup_folder import RollupFolder
from analytics.store.sql_event_store import open_reader, open_store
from app.core.document import Venue
from app.core.file_format import read_venue
from app.facts.period_facts import read_period_facts
from app.facts.period_stretches import find_key, plan_stretches
from app.facts.prepared_facts import find_unprepared
from app.print.pack_files import write_packs
from app.print.pdf_file import start_painting
from app.print.report_files import write_report_file
from app.reports.exhibitor_packs import make_packs
from app.reports.make_report import ReportOrder, make_report
from app.reports.report_source import list_report_tables
from app.reports.report_template import ReportFormat, Template
from benchmarks import rollups
from tools.fairs.fair_hall import FairDesign, build_hall

DAY_S = (rollups.START_S, rollups.START_S + rollups.DAY_S)
STANDS = 60
LIMITS_S = {"day": 5.0, "month": 20.0, "packs": 60.0}
_TICK_MS = 10


def main() -> None:
    """Make what is missing, and print what every report takes."""
    start_painting()
    with tempfile.TemporaryDirectory(prefix="expoflow-reports-") as temporary:
        folder = Path(rollups.parse_folder() or temporary)
        month = _take(folder / "Month.expoflow", rollups.make_month)
        for name, period_s in (("day", DAY_S), ("month", rollups.MONTH_S)):
            base_s = _measure_reading(month, period_s)
            print(f"{name}: reading its tables takes {base_s:.2f} s of processor")
            for template in (Template.DAILY, Template.EXHIBITION, Template.OPERATIONS):
                _report(month, template, period_s, Path(temporary), limit_s=LIMITS_S[name], base_s=base_s)
        _pack(_take(folder / "Stands.expoflow", _make_stands), Path(temporary))


def _take(folder: Path, make: Callable[[Path], Venue]) -> Venue:
    if folder.exists() and not find_unprepared(read_venue(folder)):
        return read_venue(folder)
    if folder.exists():
        # made by another version of the program
        sys.exit(f"Delete {folder}, which another version of the program made.")
    return make(folder)


def _make_stands(folder: Path) -> Venue:
    hall = build_hall(FairDesign(5, 6, (3.5, 2.5, 4.5) * 20, 4.0, entrance_at=1, exit_at=3))
    venue = rollups._make_venue(folder, hall)
    writer = open_store(folder)
    opens_s = rollups.START_S + rollups.OPENS_S
    for camera in venue.camera_names:
        writer.write_span(ObservedSpan(camera, opens_s, opens_s + 8 * 3600.0, 8 * 3600 * 5))
    writer.close()
    tables = rollups._compute_day(venue, hall, 0)
    reader = open_reader(folder)
    (stretch,) = plan_stretches(venue=venue, reader=reader, period_s=DAY_S, now_utc_s=rollups.MONTH_S[1])
    reader.close()
    start_s, end_s = stretch.period_s
    RollupFolder(folder).write(
        StretchFacts(start_s, end_s, stretch.geometry, tables), key=find_key(venue, stretch)
    )
    return venue


def _measure_reading(venue: Venue, period_s: Interval) -> float:
    names = list_report_tables()
    read_period_facts(venue=venue, period_s=period_s, names=names)
    began_s = time.process_time()
    read_period_facts(venue=venue, period_s=period_s, names=names)
    return time.process_time() - began_s


def _report(
    venue: Venue, template: Template, period_s: Interval, out: Path, *, limit_s: float, base_s: float
) -> None:
    def work() -> None:
        content = make_report(venue, ReportOrder(template, period_s, "zh_CN"))
        write_report_file(out / template.value, content, ReportFormat.PDF)

    _tell(f"  {template.value}, as PDF", work, limit_s=limit_s, base_s=base_s)


def _pack(venue: Venue, out: Path) -> None:
    base_s = _measure_reading(venue, DAY_S)
    zones = venue.geometry_versions[-1].zones
    stands = [str(zone.name) for zone in zones if zone.is_stand][:STANDS]

    def work() -> None:
        packs = make_packs(venue, DAY_S, languages={}, stands=stands)
        assert len(write_packs(out / "packs", packs, ReportFormat.PDF)) == STANDS

    _tell(f"{STANDS} stands, as PDF", work, limit_s=LIMITS_S["packs"], base_s=base_s)


def _tell(name: str, work: Callable[[], None], *, limit_s: float, base_s: float) -> None:
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    longest_s, others_s = _run_beside_a_loop(work)
    wall_s, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    verdict = "" if cpu_s < limit_s else f" MISSED: {limit_s:.0f} s"
    print(
        f"{name:28} {wall_s:6.2f} s, {cpu_s:.2f} s of processor ({cpu_s / base_s:.1f} x reading), the loop "
        f"waits {1000 * longest_s:.0f} ms at most, 99 % below {1000 * others_s:.0f} ms{verdict}",
        flush=True,
    )


def _run_beside_a_loop(work: Callable[[], None]) -> tuple[float, float]:
    """The longest wait of the loop, and that below which 99 of 100 are."""
    application = QGuiApplication.instance()
    assert application is not None
    ticks, failures = [time.perf_counter()], list[BaseException]()

    def run() -> None:
        try:
            work()
        except BaseException as error:  # told on the main thread
            failures.append(error)

    thread = threading.Thread(target=run)
    timer = QTimer()
    timer.setInterval(_TICK_MS)

    def tick() -> None:
        ticks.append(time.perf_counter())
        if not thread.is_alive():
            application.quit()

    timer.timeout.connect(tick)
    thread.start()
    timer.start()
    application.exec()
    timer.stop()
    thread.join()
    if failures:
        raise failures[0]
    waits_s = sorted(late - early for early, late in itertools.pairwise(ticks))
    return waits_s[-1], waits_s[int(0.99 * (len(waits_s) - 1))]


if __name__ == "__main__":
    main()
