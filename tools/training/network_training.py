"""Trains a YOLO network for one class from random weights, on the processor, with a fixed end in time."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analytics.domain.clock import Clock
from resources.atomic_file import replace_file
from tools.training.training_batches import Batch
from vision.detection.ultralytics_runtime import import_ultralytics

ARCHITECTURE = "yolo11n.yaml"


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """How long and how fast.

    Attributes:
        steps: batches, at most; the learning rate falls to nothing at the last.
        time_limit_s: the schedule is shortened so that training ends by then; None for no limit. With a
            limit the result depends on the machine's speed.
        peak_rate: highest learning rate of AdamW.
    """

    steps: int
    time_limit_s: float | None = None
    peak_rate: float = 2e-3
    warm_up_steps: int = 200
    weight_decay: float = 5e-4
    average_decay: float = 0.998
    checkpoint_every: int = 250
    seed: int = 0
    threads: int = 1


def build_network() -> Any:
    """The architecture with random weights, one class, and the loss's default weights."""
    import_ultralytics()
    from ultralytics.cfg import get_cfg
    from ultralytics.nn import tasks

    build: Any = tasks.DetectionModel
    network = build(ARCHITECTURE, nc=1, verbose=False)
    network.args = get_cfg()
    return network


def train(
    *,
    batches: Iterator[Batch],
    plan: TrainingPlan,
    checkpoint: Path,
    clock: Clock,
    initial_weights: Path | None = None,
    on_step: Callable[[int, float, float], None] = lambda *_: None,
) -> Any:
    """Train, from random weights or from those of an earlier run, and return the running average.

    Forward and backward run in bfloat16 where autocast allows, the loss in float32. The average is written
    to ``checkpoint`` now and then. ``on_step`` gets the step, the loss and the progress, 0 to 1.
    """
    import torch

    torch.set_num_threads(plan.threads)
    torch.manual_seed(plan.seed)
    network = load_weights(initial_weights) if initial_weights else build_network()
    network = network.to(memory_format=torch.channels_last).train()
    average = copy.deepcopy(network).eval()
    network.criterion = network.init_criterion()
    optimiser = torch.optim.AdamW(
        _parameter_groups(network, plan.weight_decay), lr=plan.peak_rate, betas=(0.9, 0.99)
    )
    started_s = clock.monotonic_s()
    step = 0
    progress = 0.0
    while progress < 1.0:
        batch = next(batches)
        rate = plan.peak_rate * min(1.0, (step + 1) / plan.warm_up_steps)
        for group in optimiser.param_groups:
            group["lr"] = rate * (0.01 + 0.99 * (1 + math.cos(math.pi * progress)) / 2)
        loss = _compute_loss(network, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        _blend(average, network, plan.average_decay * (1 - math.exp(-(step + 1) / 300)))
        step += 1
        progress = step / plan.steps
        if plan.time_limit_s is not None:
            progress = max(progress, (clock.monotonic_s() - started_s) / plan.time_limit_s)
        on_step(step, float(loss.detach()) / len(batch.pictures), progress)
        if step % plan.checkpoint_every == 0 or progress >= 1.0:
            save_weights(average, checkpoint)
    return average


def save_weights(network: Any, path: Path) -> None:
    """Write the weights, whole or not at all."""
    import torch

    with replace_file(path) as temporary:
        torch.save(network.state_dict(), temporary)


def save_checkpoint(network: Any, path: Path) -> None:
    """Write the network as Ultralytics reads it (``YOLO(path)``), with the class ``person``."""
    import torch

    network = copy.deepcopy(network)
    network.names = {0: "person"}
    network.criterion = None
    with replace_file(path) as temporary:
        torch.save({"model": network, "train_args": {"task": "detect"}, "epoch": -1}, temporary)


def load_weights(path: Path) -> Any:
    """The network with weights that training wrote, in evaluation mode."""
    import torch

    network = build_network()
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network.eval()


def _compute_loss(network: Any, batch: Batch) -> Any:
    import torch

    pictures = torch.from_numpy(batch.pictures).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        predictions = network.predict(pictures)
    targets = {
        "img": pictures,
        "batch_idx": torch.from_numpy(batch.picture_of_box.astype(np.float32)),
        "cls": torch.zeros(len(batch.boxes), 1),
        "bboxes": torch.from_numpy(batch.boxes),
    }
    losses, _ = network.criterion(_to_float32(predictions), targets)
    return losses.sum()


def _to_float32(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _to_float32(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_to_float32(item) for item in value)
    return value.float()


def _parameter_groups(network: Any, weight_decay: float) -> list[dict[str, Any]]:
    matrices = [p for p in network.parameters() if p.requires_grad and p.ndim > 1]
    others = [p for p in network.parameters() if p.requires_grad and p.ndim <= 1]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


def _blend(average: Any, network: Any, decay: float) -> None:
    import torch

    with torch.no_grad():
        current = network.state_dict()
        for name, value in average.state_dict().items():
            if value.is_floating_point():
                value.mul_(decay).add_(current[name], alpha=1 - decay)
            else:
                value.copy_(current[name])
