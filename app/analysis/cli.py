"""``analyse`` and ``replay``: a recording or detections in, visits and a heatmap out; ``evaluate``."""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics.domain.errors import DetectionFileError
from app.analysis.recording_scene import RecordingScene, find_venue_scene, read_scene
from app.console.console import print_json, print_message, print_table, show_progress
from app.console.language import tr, translate, translate_phrase
from app.console.options import AsJson, VenueFolder
from app.console.summary_table import NOT_OBSERVED, format_share, print_gaps, print_summary
from app.core.document import Venue
from app.error_reporting import convert_error

if TYPE_CHECKING:
    from analytics.evaluation.scores import Score, Scores
    from app.analysis.detection_file import SkippedRows
    from app.analysis.recording_warnings import RecordingWarning
    from vision.sources.frame_source import SourceAddress

_Venue = Annotated[
    Path | None, typer.Option(help="Venue with the plan, zones and calibration of the recording.")
]
_Zones = Annotated[Path | None, typer.Option(help="GeoJSON file of zones and lines, instead of a venue.")]
_Pairs = Annotated[Path | None, typer.Option(help="CSV file of point pairs, instead of a venue.")]
_Start = Annotated[
    str | None, typer.Option(help="Start of the recording in UTC, such as 2026-11-25T09:00:00Z.")
]
_Into = Annotated[Path | None, typer.Option(help="Add the recording to the history of this venue.")]
_Out = Annotated[Path | None, typer.Option(help="Folder for the result files.")]
_AsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]
_KeepGoing = Annotated[
    bool, typer.Option("--keep-going", help="Continue even if a point pair of the calibration is wrong.")
]


def replay(
    detections: Annotated[Path, typer.Argument(help="CSV or Parquet file, or det.txt of MOTChallenge.")],
    venue: _Venue = None,
    zones: _Zones = None,
    calibration: _Pairs = None,
    frame_size: Annotated[
        list[str] | None,
        typer.Option(help="Frame size, 1920x1080, or NAME=1920x1080 for each of several cameras."),
    ] = None,
    camera: Annotated[
        str | None, typer.Option(help="Only this camera; for a det.txt, the camera that it is from.")
    ] = None,
    fps: Annotated[float | None, typer.Option(help="Frames per second of a det.txt.", min=0.01)] = None,
    start_utc: _Start = None,
    into: _Into = None,
    out: _Out = None,
    keep_going: _KeepGoing = False,
    as_json: _AsJson = False,
) -> None:
    """Track people on the floor from detections in a file, and write visits, crossings and a heatmap."""
    from analytics.domain.clock import parse_utc
    from app.analysis.replay_detections import replay_detections
    from app.cameras.frame_sizes import parse_frame_sizes

    start_s = parse_utc(start_utc) if start_utc else None
    try:
        detections.stat()
    except OSError as error:
        raise convert_error(DetectionFileError, error, file=detections) from error
    chosen = choose_scene(
        venue=venue, zones=zones, calibration=calibration, into=into, out=out, start_utc_s=start_s
    )
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with show_progress(tr("Replaying {name}", name=detections.name), is_hidden=as_json) as update:
        result = replay_detections(
            file=detections,
            scene=chosen.scene,
            camera=camera,
            frame_sizes=parse_frame_sizes(frame_size or []),
            fps=fps,
            start_utc_s=start_s,
            out_folder=out,
            into=chosen.into,
            on_progress=lambda share: update(share, 1.0),
            should_cancel=stop.is_set,
            accepts_wrong_pairs=keep_going,
            on_warning=_print_warning,
        )
    from app.analysis.detection_file import REASONS

    _report_skipped(result.skipped, REASONS)
    if as_json:
        print_json(result.summary)
        return
    if result.summary is not None:
        print_summary(result.summary)
    _print_locations(out, into)


def import_tracks(
    venue: VenueFolder,
    file: Annotated[
        Path, typer.Argument(help="CSV, Parquet, or a trajectory file of PedPy or JuPedSim, in metres.")
    ],
    sensor: Annotated[str, typer.Option(help="Name of the sensor, such as lidar.")],
    start_utc: Annotated[
        str | None,
        typer.Option(help="Start of time_s or of the frames in UTC, such as 2026-11-25T09:00:00Z."),
    ] = None,
    covered: Annotated[
        Path | None, typer.Option(help="GeoJSON file of the covered floor; otherwise the whole hall.")
    ] = None,
    identities: Annotated[
        str, typer.Option(help="Meaning of a track_id: persons, or tracklets to be joined.")
    ] = "persons",
    as_json: AsJson = False,
) -> None:
    """Add positions measured by another sensor to the history."""
    from analytics.domain.clock import format_utc, parse_utc
    from app.analysis.import_tracks import Identities, read_covered_floor
    from app.analysis.import_tracks import import_tracks as add_tracks
    from app.analysis.track_file import REASONS
    from app.core.file_format import read_venue

    if identities not in set(Identities):
        raise typer.BadParameter(tr("--identities is persons or tracklets, not '{given}'", given=identities))
    found = add_tracks(
        into=read_venue(venue),
        file=file,
        sensor=sensor,
        start_utc_s=parse_utc(start_utc) if start_utc else None,
        covered=None if covered is None else read_covered_floor(covered),
        identities=Identities(identities),
    )
    _report_skipped(found.skipped, REASONS)
    if as_json:
        print_json(
            {
                "positions": found.positions,
                "people": found.people,
                "observed_utc": [[format_utc(start), format_utc(end)] for start, end in found.observed_s],
                "skipped_rows": found.skipped.counts,
                "is_new": found.is_new,
            }
        )
        return
    if not found.is_new:
        print_message(tr("{name} is already part of the history; nothing was changed.", name=file.name))
        return
    print_message(
        tr(
            "Positions added: {positions} of {people} people, {start} to {end}.",
            positions=found.positions,
            people=found.people,
            start=format_utc(found.observed_s[0][0]),
            end=format_utc(found.observed_s[-1][1]),
        )
    )
    print_message(
        tr(
            "To remove them: python -m app venue erase {venue} --camera {sensor} --from … --to …",
            venue=venue,
            sensor=sensor,
        )
    )


def _print_locations(out: Path | None, into: Path | None) -> None:
    if out is not None:
        print_message(tr("Written to {place}", place=out))
    if into is not None:
        print_message(tr("Added to the history of {place}", place=into))


def _report_skipped(skipped: SkippedRows, reasons: Mapping[str, str]) -> None:
    from app.analysis.detection_file import MAX_SKIPPED_SHARE

    for sentence in skipped.describe(reasons):
        print_message(translate_phrase(sentence))
    if skipped.share > MAX_SKIPPED_SHARE:
        print_message(
            tr(
                "{share} of the rows could not be used: the figures cover only the rest.",
                share=format_share(skipped.share),
            )
        )
        if skipped.remedy is not None:
            print_message(translate(skipped.remedy))
    if skipped.reordered:
        print_message(
            tr("Rows less than a second late, sorted into place: {count}.", count=skipped.reordered)
        )


@dataclass(frozen=True, slots=True)
class ChosenScene:
    """A scene, its venue if any, and the venue whose history is extended."""

    scene: RecordingScene
    venue: Venue | None
    into: Venue | None


def choose_scene(
    *,
    venue: Path | None,
    zones: Path | None,
    calibration: Path | None,
    into: Path | None,
    out: Path | None,
    start_utc_s: float | None,
) -> ChosenScene:
    """Read the scene and venues given by the options.

    Raises:
        typer.BadParameter: the options contradict each other.
        ExpoFlowError: the fault of a file.
    """
    if out is None and into is None:
        raise typer.BadParameter(tr("specify where the results go: --out FOLDER, --into VENUE, or both"))
    from app.core.file_format import read_venue

    target = read_venue(into) if into else None
    document = read_venue(venue) if venue else None
    source = document or target
    if zones is not None and calibration is not None and document is None:
        scene = read_scene(zones, calibration)
    elif zones is None and calibration is None and source is not None:
        scene = find_venue_scene(source, start_utc_s=start_utc_s)
    else:
        raise typer.BadParameter(tr("use --venue VENUE, or both --zones and --calibration"))
    return ChosenScene(scene, document, target)


def _print_warning(warning: RecordingWarning) -> None:
    print_message(translate_phrase(warning.sentence))


def _set_rate(recording: SourceAddress, *, fps: float | None, images_fps: float | None) -> SourceAddress:
    """Return the recording with the frame rate of the option for its kind.

    Raises:
        typer.BadParameter: the option is for the other kind, or is missing for a folder.
    """
    from vision.sources.frame_source import SourceKind

    if images_fps is not None and recording.kind is not SourceKind.IMAGES:
        raise typer.BadParameter(
            tr("--images-fps is only for a folder of pictures; state the true rate of a film with --fps")
        )
    if fps is not None and recording.kind is not SourceKind.VIDEO:
        raise typer.BadParameter(
            tr("--fps is only for a film; state the rate of a folder of pictures with --images-fps")
        )
    if recording.kind is SourceKind.IMAGES and images_fps is None:
        raise typer.BadParameter(
            tr("a folder of pictures has no clock; state its pictures per second, such as --images-fps 5")
        )
    return replace(recording, images_fps=images_fps, video_fps=fps)


def analyse(
    video: Annotated[str, typer.Argument(help="A video file, or a folder of pictures.")],
    venue: _Venue = None,
    zones: _Zones = None,
    calibration: _Pairs = None,
    camera: Annotated[
        str | None,
        typer.Option(help="The camera that made the recording; may be omitted if there is only one."),
    ] = None,
    frame_size: Annotated[
        list[str] | None,
        typer.Option(help="Frame size of the point pairs, 1920x1080, if it is not that of the recording."),
    ] = None,
    model: Annotated[str | None, typer.Option(help="Name or path of a network.")] = None,
    device: Annotated[str, typer.Option(help="CPU, GPU, cuda:0, or auto.")] = "auto",
    minimum_score: Annotated[
        float, typer.Option(help="Minimum score of detections.", min=0.01, max=0.99)
    ] = 0.1,
    analysed_fps: Annotated[
        float | None,
        typer.Option(help="Maximum number of frames per second to analyse; default: all.", min=0.1),
    ] = None,
    fps: Annotated[
        float | None,
        typer.Option(help="True frames per second of a film whose own clock is wrong.", min=0.01),
    ] = None,
    images_fps: Annotated[
        float | None,
        typer.Option(help="Pictures taken per second, required for a folder of pictures.", min=0.01),
    ] = None,
    start_utc: _Start = None,
    into: _Into = None,
    out: _Out = None,
    keep_going: _KeepGoing = False,
    as_json: _AsJson = False,
) -> None:
    """Detect people in a recording, track them on the floor, and write visits, crossings and a heatmap.

    Without a calibration: how many people are in the picture when, and stays in it, or in zones in pixels.
    """
    from analytics.domain.clock import parse_utc
    from app.analysis.analyse_recording import analyse_recording
    from app.cameras.frame_sizes import parse_frame_sizes
    from app.maintenance.choose_detector import choose_detector
    from vision.sources.source_address import parse_source

    start_s = parse_utc(start_utc) if start_utc else None
    recording = _set_rate(replace(parse_source(video), start_utc_s=start_s), fps=fps, images_fps=images_fps)
    if venue is None and calibration is None and into is None:
        _count_in_picture(
            recording,
            zones=zones,
            model=model,
            device=device,
            minimum_score=minimum_score,
            analysed_fps=analysed_fps,
            out=out or Path(f"{Path(recording.location).stem}-results"),
            as_json=as_json,
        )
        return
    chosen = choose_scene(
        venue=venue, zones=zones, calibration=calibration, into=into, out=out, start_utc_s=start_s
    )
    stop = threading.Event()
    with show_progress(tr("Fetching the network"), is_hidden=as_json) as update:
        own = chosen.scene.choose_camera(camera).model_name
        requested = model or own or (chosen.venue.settings.model_name if chosen.venue else None)
        detector = choose_detector(
            requested,
            device=device,
            minimum_score=minimum_score,
            on_progress=lambda p: update(p.done, p.total),
        )
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with show_progress(
        tr("Analysing {name}", name=Path(recording.location).name), is_hidden=as_json
    ) as update:
        result = analyse_recording(
            recording=recording,
            scene=chosen.scene.at_rate(analysed_fps).in_sizes(parse_frame_sizes(frame_size or [])),
            camera=camera,
            detector=detector,
            out_folder=out,
            into=chosen.into,
            on_progress=lambda p: update(p.fraction or 0.0, 1.0 if p.fraction is not None else 0.0),
            should_cancel=stop.is_set,
            accepts_wrong_pairs=keep_going,
            on_warning=_print_warning,
        )
    if as_json:
        print_json(result.summary)
        return
    if result.summary is not None:
        print_summary(result.summary)
    print_gaps(result.gaps)
    analysis = result.analysis
    fps = analysis.frames / analysis.elapsed_s
    print_message(
        tr(
            "{frames} frames in {seconds:.1f} s, {fps:.1f} a second.",
            frames=analysis.frames,
            seconds=analysis.elapsed_s,
            fps=fps,
        )
    )
    _print_locations(out, into)


def _count_in_picture(
    recording: SourceAddress,
    *,
    zones: Path | None,
    model: str | None,
    device: str,
    minimum_score: float,
    analysed_fps: float | None,
    out: Path,
    as_json: bool,
) -> None:
    """Count the people in the picture of a recording that has no calibration."""
    from app.analysis.picture_counts import count_in_picture, make_picture_scene
    from app.cameras.probe_camera import probe_camera
    from app.core.job import JobContext
    from app.maintenance.choose_detector import choose_detector

    detector = choose_detector(model, device=device, minimum_score=minimum_score)
    size_wh = probe_camera(recording, context=JobContext(), measure_s=0.0).size_wh
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with show_progress(
        tr("Analysing {name}", name=Path(recording.location).name), is_hidden=as_json
    ) as update:
        found = count_in_picture(
            recording=recording,
            scene=make_picture_scene(size_wh, zones).at_rate(analysed_fps),
            detector=detector,
            out_folder=out,
            on_progress=lambda p: update(p.fraction or 0.0, 1.0 if p.fraction is not None else 0.0),
            should_cancel=stop.is_set,
        )
    if as_json:
        print_json(found)
    else:
        _print_picture_counts(found)
        _print_locations(out, None)


def _print_picture_counts(found: Mapping[str, Any]) -> None:
    mean = found["people_in_view"]["mean"]
    print_table(
        (tr("frames analysed"), tr("duration"), tr("people in view, mean"), tr("most at once")),
        [
            (
                found["analysed_frames"],
                f"{found['duration_s']:.1f} s",
                NOT_OBSERVED if mean is None else f"{mean:.1f}",
                tr("{people} at {seconds} s", people=found["peak_people"], seconds=found["peak_time_s"]),
            )
        ],
    )
    print_table(
        (tr("region"), tr("stays of 3 s or more"), tr("mean stay")),
        [
            (
                tr("the whole picture") if name == "picture" else name,
                NOT_OBSERVED if region["visits"] is None else region["visits"],
                NOT_OBSERVED if region["mean_dwell_s"] is None else f"{region['mean_dwell_s']:.1f} s",
            )
            for name, region in found["regions"].items()
        ],
    )
    print_message(
        tr(
            "These are people in the picture. A calibration (--calibration: four measured points of the "
            "floor or more) adds places, paths, speeds and a heatmap in metres, visits of zones on the "
            "plan, and visitors who are one in several cameras."
        )
    )


_LABELS = {
    "visits": "visits, found / true",
    "mean_dwell": "mean dwell, found / true",
    "median_dwell": "median dwell, found / true",
    "person_seconds": "person-seconds, found / true",
    "whole_long_stays": "stays of a minute or more kept whole",
    "identities_per_person": "identities per person",
    "double_people": "people with two identities at once",
    "idf1": "IDF1 within 1 m",
    "hota": "HOTA within 1 m",
    "floor_error_rms_m": "floor error, root mean square, m",
    "floor_error_median_m": "floor error, median, m",
    "crossings": "crossings, found / true",
    "crossing_recall": "true crossings that were found",
    "crossing_precision": "found crossings that are true",
}


def evaluate(
    truth: Annotated[Path, typer.Option(help="Folder with the four ground-truth files.")],
    against: Annotated[Path, typer.Option(help="Folder with the four result files.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON.")] = False,
) -> None:
    """Compare results with the truth: visits, dwell, identities, positions and crossings.

    The scores have intervals if the period is at least five minutes long.
    """
    from analytics.evaluation.result_reading import read_result_files
    from analytics.evaluation.truth_comparison import compare_results

    true, found = read_result_files(truth), read_result_files(against)
    begins = [result.summary.get("start_utc") for result in (true, found)]
    if _differ(*begins):
        print_message(
            tr(
                "The ground truth begins at {truth}, the result at {result}; seconds are counted "
                "from each start.",
                truth=begins[0],
                result=begins[1],
            )
        )
    scores = compare_results(truth=true, against=found)
    if as_json:
        print_json(scores.to_dict())
        return
    _print_scores(scores)


def _differ(one: object, other: object) -> bool:
    """Return whether two times, as written, are known to differ."""
    from analytics.domain.clock import parse_utc
    from analytics.domain.errors import ExpoFlowError

    if not (isinstance(one, str) and isinstance(other, str)):
        return False
    try:
        return parse_utc(one) != parse_utc(other)
    except ExpoFlowError:
        return one != other


def _print_scores(scores: Scores) -> None:
    from analytics.evaluation.block_intervals import MIN_BLOCKS

    print_table(
        ("score", "value", "interval"),
        [(label, *_format(getattr(scores, name))) for name, label in _LABELS.items()],
    )
    print_table(
        ("zone", "true visits", "found", "visits", "mean dwell", "median", "person-seconds"),
        [
            (
                zone.zone,
                zone.true_visits,
                NOT_OBSERVED if zone.found_visits is None else f"{zone.found_visits:g}",
                *map(_number, (zone.visits, zone.mean_dwell, zone.median_dwell, zone.person_seconds)),
            )
            for zone in scores.zones
        ],
    )
    if scores.lines:
        print_table(
            ("line", "direction", "true", "found", "at the same time"),
            [(line.line, line.direction, line.true, line.found, line.matched) for line in scores.lines],
        )
    print_message(
        tr(
            "{people} people, {identities} identities, {stays} stays of a minute or more.",
            people=scores.people,
            identities=scores.identities,
            stays=scores.long_stays,
        )
    )
    if scores.blocks < MIN_BLOCKS:
        print_message(
            tr(
                "No intervals: the period is too short. Blocks of {seconds:g} s: {count}; at least {least} "
                "are needed.",
                count=scores.blocks,
                seconds=scores.block_s,
                least=MIN_BLOCKS,
            )
        )
        return
    print_message(
        tr("Intervals: {method}; blocks of {seconds:g} s.", method=scores.method, seconds=scores.block_s)
    )


def _format(score: Score) -> tuple[str, str]:
    if score.interval is None:
        return _number(score.value), NOT_OBSERVED
    low, high = score.interval
    return _number(score.value), f"{low:.3f} to {high:.3f}"


def _number(value: float | None) -> str:
    return NOT_OBSERVED if value is None else f"{value:.3f}"
