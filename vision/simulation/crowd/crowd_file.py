"""File format of a simulated crowd, and its endless repetition."""

from __future__ import annotations

import math
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analytics.domain.errors import SourceError
from resources.atomic_file import replace_file
from vision.simulation.crowd.visitor_paths import STEP_S, VisitorPath, VisitorPaths, VisitorState

FORMAT = 1


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Visitors of one layout of the exhibition hall."""

    layout: str
    seed: int
    paths: VisitorPaths


@dataclass(frozen=True, slots=True, eq=False)
class EndlessCrowd:
    """A crowd that repeats every ``paths.duration_s`` without a jump.

    Those who came in one period walk on into the next, among those who come then: each way is walked to its
    end. Visitors of two periods do not see each other, so that two may now and then stand close.
    """

    paths: VisitorPaths

    def at(self, time_s: float) -> list[VisitorState]:
        """Return everyone in the hall at any time; the same visitors come in each period."""
        period_s = self.paths.duration_s
        moments: list[VisitorState] = []
        for path in self.paths.paths:
            if not 0 <= path.start_s < period_s:
                continue
            lasts_s = STEP_S * (len(path.xy_m) - 1)
            since_s = (time_s - path.start_s) % period_s
            while since_s <= lasts_s:
                moment = path.state_at(path.start_s + since_s)
                if moment is not None:
                    moments.append(moment)
                since_s += period_s
        return moments


def write_crowd(file: Path, crowd: Crowd) -> None:
    """Write a crowd atomically: NumPy's npz, positions at 10 Hz in metres as float32.

    Raises:
        OSError: the file cannot be written.
    """
    paths = crowd.paths.paths
    with replace_file(file) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(
            stream,
            format=np.array(FORMAT),
            layout=np.array(crowd.layout),
            seed=np.array(crowd.seed),
            duration_s=np.array(crowd.paths.duration_s),
            visitor=np.array([path.visitor for path in paths], np.int64),
            start_s=np.array([path.start_s for path in paths], np.float64),
            length=np.array([len(path.xy_m) for path in paths], np.int64),
            xy_m=_join([path.xy_m for path in paths], 2),
            heading_rad=_join([path.heading_rad[:, None] for path in paths], 1)[:, 0],
            walked_m=_join([path.walked_m[:, None] for path in paths], 1)[:, 0],
        )


def read_crowd(file: Path) -> Crowd:
    """Read a file written by ``write_crowd``.

    Raises:
        SourceError: there is no such file, or it is not a crowd.
    """
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as content:
            fields = {name: content[name] for name in content.files}
        if int(fields["format"]) != FORMAT:
            raise _make_error("{path} was written by another version of ExpoFlow.", file)
        borders = np.cumsum(fields["length"])[:-1]
        parts = zip(
            fields["visitor"].tolist(),
            fields["start_s"].tolist(),
            np.split(fields["xy_m"].astype(np.float64), borders),
            np.split(fields["heading_rad"].astype(np.float64), borders),
            np.split(fields["walked_m"].astype(np.float64), borders),
            strict=True,
        )
        paths = tuple(VisitorPath(*part) for part in parts)
        duration_s = float(fields["duration_s"])
        if not (math.isfinite(duration_s) and duration_s > 0):
            raise _make_error("{path} is not the crowd data of a demo exhibition.", file)
        return Crowd(str(fields["layout"]), int(fields["seed"]), VisitorPaths(duration_s, paths))
    except FileNotFoundError:
        raise _make_error("The crowd data {path} of the demo exhibition is missing.", file) from None
    except OSError as error:
        raise _make_error("{path} cannot be read.", file) from error
    except (ValueError, KeyError, TypeError, EOFError, MemoryError, zlib.error, zipfile.BadZipFile) as error:
        raise _make_error("{path} is not the crowd data of a demo exhibition.", file) from error


def _join(arrays: list[np.typing.NDArray[np.float64]], columns: int) -> np.typing.NDArray[np.float32]:
    return np.concatenate([np.empty((0, columns)), *arrays]).astype(np.float32)


def _make_error(problem: str, file: Path) -> SourceError:
    return SourceError(
        problem,
        "Create the demo exhibition again: python -m app demo-exhibition",
        path=str(file),
        fault="unreadable_file",
    )
