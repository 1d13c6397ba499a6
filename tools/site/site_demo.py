"""Show what a site does when a machine dies: a server, three machines and the demonstration's cameras.

    python -m tools.site.site_demo [--out FOLDER]

Prints who reads which camera while one of the machines is killed and comes back, and afterwards what the
history says; writes `site.png` with every camera's time by machine. Needs PostgreSQL and no display.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select

from app.demo.ready_venue import list_show_days, unpack_demo_venue
from app.site.hub_merge import TRACKLETS_PER_MACHINE
from app.site.schema import machine, reported_span
from resources.files import resource_path
from tools.site.laboratory import CLOCK, Laboratory, wait
from tools.site.site_faults import is_complete, until

MACHINES = ("anna", "ben", "clara")
COLOURS = {"anna": "#0072b2", "ben": "#e69f00", "clara": "#009e73"}
"""Okabe and Ito's colours, which people with any colour vision can tell apart."""
SHOW_S = 5 * 3600.0
"""Time after the opening of the first day at which the replayed people are there."""
LENGTH_S = 600.0


class Story:
    """What happened, as lines with the seconds since the beginning."""

    def __init__(self) -> None:
        self._began_s = CLOCK.now_utc_s()
        self.marks: list[tuple[float, str]] = []

    @property
    def began_s(self) -> float:
        """Return the beginning, seconds since the epoch."""
        return self._began_s

    def tell(self, text: str, *, at_s: float | None = None) -> None:
        """Print a line, and keep it as a mark of the picture if it has a time of its own."""
        moment_s = CLOCK.now_utc_s() if at_s is None else at_s
        if at_s is not None:
            self.marks.append((at_s, text))
        sys.stdout.write(f"{moment_s - self._began_s:6.1f} s  {text}\n")
        sys.stdout.flush()


def describe_readers(lab: Laboratory) -> str:
    """Return how many cameras each machine reads."""
    return ", ".join(f"{one.id} {len(one.cameras)}" for one in lab.machines)


def watch(lab: Laboratory, story: Story, cameras: int, seconds: float) -> None:
    """Tell every change of readers for a while."""
    ends_s = CLOCK.monotonic_s() + seconds
    shown = ""
    while CLOCK.monotonic_s() < ends_s:
        now = describe_readers(lab)
        if now != shown:
            shown = now
            unread = cameras - len(lab.count_owned())
            story.tell(f"cameras read: {now}" + (f"; by nobody: {unread}" if unread else ""))
        wait(0.5)


def print_history(lab: Laboratory, story: Story, names: Sequence[str], ends_s: float) -> None:
    """Print what the hub's history says of the time."""
    reader = lab.open_reader()
    spans = reader.read_spans(story.began_s, ends_s)
    gaps = reader.read_gaps(story.began_s, ends_s)
    tracks = reader.read_tracks(story.began_s, ends_s)
    reader.close()
    with lab.engine.connect() as connection:
        by_number = {row.number: row.id for row in connection.execute(select(machine))}
    owners = tracks["tracklet"].to_numpy() // TRACKLETS_PER_MACHINE
    sys.stdout.write("\nWhat the history says\n\n")
    sys.stdout.write(f"{'camera':<22}{'observed':>10}{'positions':>11}  machines; gaps\n")
    for name in names:
        own = spans[spans["camera"] == name]
        missing = gaps[gaps["camera"] == name]
        readers = Counter(by_number[int(one)] for one in owners[(tracks["camera"] == name).to_numpy()])
        told = "; ".join(
            f"{start_s - story.began_s:.1f}–{end_s - story.began_s:.1f} s {cause}"
            for start_s, end_s, cause in missing[["start_s", "end_s", "cause"]].itertuples(index=False)
        )
        observed_s = float((own["end_s"] - own["start_s"]).sum())
        sys.stdout.write(
            f"{name:<22}{observed_s:>8.1f} s{sum(readers.values()):>11}  {', '.join(readers)}"
            f"{'; ' if told else ''}{told}\n"
        )
    twice = tracks.duplicated(["camera", "time_s", "x_m", "y_m"]).sum()
    gap_s = float((gaps["end_s"] - gaps["start_s"]).sum())
    observed_s = float((spans["end_s"] - spans["start_s"]).sum())
    sys.stdout.write(
        f"\n{len(tracks)} positions, {twice} of them twice; {observed_s:.0f} camera seconds observed, "
        f"{gap_s:.0f} in {len(gaps)} gaps: {observed_s / max(1e-9, observed_s + gap_s):.1%} observed\n"
    )


def draw(lab: Laboratory, story: Story, names: Sequence[str], ends_s: float, file: Path) -> None:
    """Draw every camera's time by machine, with what happened."""
    with lab.engine.connect() as connection:
        rows = connection.execute(select(reported_span)).all()
    left, top, row_px, px_per_s = 160, 90, 36, 900 / (ends_s - story.began_s)
    picture = Image.new("RGB", (1200, top + row_px * len(names) + 40), "white")
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(resource_path("fonts", "ExpoFlowSansSC-Regular.otf"), 14)
    pen.text((10, 8), "Who observed which camera; white: nobody", "black", font)
    for number, name in enumerate(names):
        pen.text((10, top + row_px * number + 8), name, "black", font)
    for number, name in enumerate(MACHINES):
        pen.text((1080, top + row_px * number + 8), name, COLOURS[name], font)
    for row in rows:
        if row.camera in names:
            y = top + row_px * names.index(row.camera)
            start, end = (left + px_per_s * (us / 1e6 - story.began_s) for us in (row.start_us, row.end_us))
            pen.rectangle((start, y + 5, end, y + row_px - 5), COLOURS[row.machine])
    for number, (at_s, text) in enumerate(story.marks):
        x = left + px_per_s * (at_s - story.began_s)
        pen.line([(x, top - 10), (x, picture.height - 40)], "#333333")
        pen.text((x, 32 + 18 * (number % 2)), text, "#333333", font)
    pen.text((left, picture.height - 30), f"{ends_s - story.began_s:.0f} s", "black", font)
    picture.save(file)


def main() -> None:
    """Run the demonstration, some three minutes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("site-demo"), help="folder of the picture")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="expoflow-site-demo-"))
    story = Story()
    story.tell("unpacking the demonstration, whose people walk again")
    venue = unpack_demo_venue(folder / "Demonstration.expoflow")
    names = [str(camera.name) for camera in venue.cameras]
    start_s = list_show_days(venue)[0][0] + SHOW_S
    options = ["--replay", str(venue.folder), "--from-s", str(start_s), "--duration-s", str(LENGTH_S)]
    lab = Laboratory(folder, machines=MACHINES, cameras=names, options=options)
    story = Story()
    try:
        story.tell(
            f"a PostgreSQL server, a hall with {len(names)} cameras, and machines {', '.join(MACHINES)}"
        )
        for one in (lab.hub, *lab.machines):
            lab.start(one)
        until(lambda: is_complete(lab, len(names)), 90)
        story.tell("every camera is read")
        watch(lab, story, len(names), 25)
        victim = max(lab.machines, key=lambda one: len(one.cameras))
        killed_s = victim.kill()
        story.tell(f"{victim.id} is killed", at_s=killed_s)
        watch(lab, story, len(names), 25)
        lab.start(victim)
        story.tell(f"{victim.id} is started again", at_s=CLOCK.now_utc_s())
        watch(lab, story, len(names), 45)
        ends_s = CLOCK.now_utc_s()
        for one in lab.machines:
            one.stop()
        story.tell("everything was stopped; the last minute is written into the hub's history")
        wait(70)
        print_history(lab, story, names, ends_s)
        draw(lab, story, names, ends_s, given.out / "site.png")
        sys.stdout.write(f"\nPicture: {given.out / 'site.png'}\n")
    finally:
        lab.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
