"""Writes synthetic scenes as files: ``python -m benchmarks.make_scenes OUT --scenes busy --seeds 1 2``.

Each goes into a folder OUT/SCENE-FPS-SEED.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.other_camera import OTHER_SCENES, film_other_scene, simulate_other_scene
from tools.scenes.scene_files import write_scene
from tools.scenes.scenes import SCENE_NAMES, film_scene, simulate_scene


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--scenes", nargs="+", default=["busy"], choices=(*SCENE_NAMES, *OTHER_SCENES))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--fps", nargs="+", type=float, default=[5.0])
    parser.add_argument("--duration", type=float, default=600.0, help="seconds")
    arguments = parser.parse_args()
    for name in arguments.scenes:
        is_other = name in OTHER_SCENES
        simulate, film = (
            (simulate_other_scene, film_other_scene) if is_other else (simulate_scene, film_scene)
        )
        for seed in arguments.seeds:
            paths = simulate(name, seed=seed, duration_s=arguments.duration)
            for fps in arguments.fps:
                folder = arguments.out / f"{name}-{fps:g}-{seed}"
                write_scene(film(name, paths=paths, seed=seed, fps=fps), folder)
                print(folder)


if __name__ == "__main__":
    main()
