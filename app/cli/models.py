"""``models``: which networks are here, and how more get here."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import print_json, print_table, say, show_progress
from app.cli.language import tr

if TYPE_CHECKING:
    from app.operations.model_library import ModelRecord, ProgressListener, TaskProgress

app = typer.Typer(help="List, fetch, import, export and measure networks.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="For a machine to read.")]
MEBIBYTE = 2**20


@app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """Show the networks that are known, and which are on this machine."""
    from app.operations.model_library import list_models
    from app.settings.models_location import models_folder

    models = list_models(user_folder=models_folder())
    if as_json:
        print_json([dataclasses.asdict(model) for model in models])
        return
    rows = [
        (
            m.name,
            m.state,
            f"{m.size_bytes / MEBIBYTE:.1f} MiB" if m.size_bytes else "",
            m.licence,
            m.description,
        )
        for m in models
    ]
    print_table(("name", "state", "size", "licence", "what it is"), rows)
    say(tr("Your own networks lie in {folder}.", folder=models_folder()))


@app.command("get")
def get(
    name: Annotated[str, typer.Argument(help="A name from 'models list', such as yolo26n.")],
    replace: Annotated[bool, typer.Option(help="Fetch it again if it is already here.")] = False,
) -> None:
    """Fetch official weights."""
    from analytics.domain.clock import SystemClock
    from app.operations.model_library import get_model
    from app.settings.models_location import models_folder

    with _listen(f"Fetching {name}") as listener:
        record = get_model(
            name, user_folder=models_folder(), clock=SystemClock(), replace=replace, listener=listener
        )
    _say_arrived(record)


@app.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(help="Weights (.pt, .onnx, .engine) or a folder with an OpenVINO model.")
    ],
    name: Annotated[str | None, typer.Option(help="Under which name; the file's own if left out.")] = None,
    replace: Annotated[bool, typer.Option(help="Replace one of that name.")] = False,
) -> None:
    """Take in weights from a file, for machines without a network; they are loaded once to try them."""
    from analytics.domain.clock import SystemClock
    from app.operations.model_library import import_model
    from app.settings.models_location import models_folder

    _say_arrived(
        import_model(file, user_folder=models_folder(), clock=SystemClock(), name=name, replace=replace)
    )


@app.command("export")
def export(
    model: Annotated[str, typer.Argument(help="Name or file of weights (.pt).")],
    shape: Annotated[str, typer.Option(help="Height x width in pixels, multiples of 32.")] = "640x640",
    int8: Annotated[bool, typer.Option("--int8", help="8 bits: the fastest; needs --calibrate.")] = False,
    fp16: Annotated[bool, typer.Option("--fp16", help="16 bits: half the size, for GPUs.")] = False,
    calibrate: Annotated[
        list[Path] | None, typer.Option(help="A video of your own cameras; may be repeated.")
    ] = None,
    frames: Annotated[int, typer.Option(help="How many pictures to calibrate with.", min=8)] = 200,
    name: Annotated[str | None, typer.Option(help="Name of the new network.")] = None,
) -> None:
    """Make an OpenVINO network for the shape of your pictures, with 8 bits calibrated on your own footage."""
    from analytics.domain.clock import SystemClock
    from app.operations.model_library import export_model
    from app.settings.models_location import models_folder

    if int8 and fp16:
        raise typer.BadParameter(tr("choose --int8 or --fp16, not both"))
    precision = "int8" if int8 else "fp16" if fp16 else "fp32"
    with _listen(f"Exporting {model}") as listener:
        record = export_model(
            model,
            user_folder=models_folder(),
            clock=SystemClock(),
            input_wh=parse_shape(shape),
            precision=precision,
            videos=calibrate or (),
            frame_count=frames,
            name=name,
            listener=listener,
        )
    _say_arrived(record)


@app.command("bench")
def bench(
    model: Annotated[str, typer.Argument(help="Name or path of a network.")],
    seconds: Annotated[float, typer.Option(min=1.0, help="How long to measure.")] = 10.0,
    batch: Annotated[int, typer.Option(min=1, help="Pictures in a batch.")] = 1,
    device: Annotated[str, typer.Option(help="CPU, GPU, cuda:0, or auto.")] = "auto",
    as_json: AsJson = False,
) -> None:
    """Measure how fast a network is on this machine."""
    from analytics.domain.clock import SystemClock
    from app.operations.model_library import bench_model
    from app.settings.models_location import models_folder

    result = bench_model(
        model,
        user_folder=models_folder(),
        clock=SystemClock(),
        duration_s=seconds,
        batch=batch,
        device=device,
    )
    if as_json:
        print_json(dataclasses.asdict(result))
        return
    width, height = result.input_wh
    print_table(
        ("network", "device", "input", "batch", "pictures/s", "latency p50", "latency p99"),
        [
            (
                result.model,
                result.device,
                f"{height}x{width}",
                result.batch,
                f"{result.pictures_per_s:.1f}",
                f"{result.latency_p50_ms:.1f} ms",
                f"{result.latency_p99_ms:.1f} ms",
            )
        ],
    )


def parse_shape(text: str) -> tuple[int, int]:
    """Width and height from ``HEIGHTxWIDTH``."""
    match = re.fullmatch(r"(\d+)x(\d+)", text.strip())
    if match is None:
        raise typer.BadParameter(tr("'{given}' is not HEIGHTxWIDTH, such as 384x640", given=text))
    return int(match[2]), int(match[1])


@contextmanager
def _listen(what: str) -> Iterator[ProgressListener]:
    with show_progress(what) as update:

        def listener(progress: TaskProgress) -> None:
            update(progress.done, progress.total)

        yield listener


def _say_arrived(record: ModelRecord) -> None:
    size = f"{record.size_bytes / MEBIBYTE:.1f} MiB"
    say(
        tr(
            "{name} is ready: {file}, {size}, sha256 {digest}",
            name=record.name,
            file=record.file,
            size=size,
            digest=record.sha256,
        )
    )
