"""Writes synthetic scenes as files: ``python -m benchmarks.make_scenes OUT --scenes busy --seeds 1 2``.

Each goes into a folder OUT/SCENE-FPS-SEED. Simulated ways are kept in the temporary folder of the user, so
that the same crowd is not simulated anew for another frame rate.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import pickle
import tempfile
from pathlib import Path

from analytics.synthetic import crowd_simulation, scene_halls, scenes, visitor_paths
from analytics.synthetic.scene_files import write_scene
from analytics.synthetic.scenes import SCENE_NAMES, SyntheticScene, film_scene, simulate_scene
from analytics.synthetic.visitor_paths import VisitorPaths


def make_cached_scene(name: str, *, seed: int, duration_s: float = 600.0, fps: float = 5.0) -> SyntheticScene:
    """As `make_scene`, with the simulated ways from an earlier run where there are any."""
    paths = _simulate_cached(name, seed=seed, duration_s=duration_s)
    return film_scene(name, paths=paths, seed=seed, fps=fps)


def _simulate_cached(name: str, *, seed: int, duration_s: float) -> VisitorPaths:
    code = hashlib.sha256()
    for module in (crowd_simulation, scene_halls, scenes, visitor_paths):
        code.update(Path(str(module.__file__)).read_bytes())
    folder = Path(tempfile.gettempdir()) / f"expoflow-crowds-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / f"{name}-{seed}-{duration_s:g}-{code.hexdigest()[:16]}.pickle"
    if file.exists():
        paths = pickle.loads(file.read_bytes())
        assert isinstance(paths, VisitorPaths)
        return paths
    paths = simulate_scene(name, seed=seed, duration_s=duration_s)
    temporary = file.with_suffix(f".{os.getpid()}")
    temporary.write_bytes(pickle.dumps(paths))
    temporary.replace(file)
    return paths


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--scenes", nargs="+", default=["busy"], choices=SCENE_NAMES)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--fps", nargs="+", type=float, default=[5.0])
    parser.add_argument("--duration", type=float, default=600.0, help="seconds")
    arguments = parser.parse_args()
    for name in arguments.scenes:
        for seed in arguments.seeds:
            for fps in arguments.fps:
                scene = make_cached_scene(name, seed=seed, duration_s=arguments.duration, fps=fps)
                folder = arguments.out / f"{name}-{fps:g}-{seed}"
                write_scene(scene, folder)
                print(folder)


if __name__ == "__main__":
    main()
