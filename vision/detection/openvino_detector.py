"""Person detection by OpenVINO: no torch, several pictures in flight."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analytics.domain.errors import ModelError
from vision.detection.clothing_colours import describe_clothes
from vision.detection.letterbox import (
    PAD_GREY,
    Letterbox,
    boxes_in_picture,
    cut_letterbox,
    draw_letterbox,
    fit_letterbox,
    min_input_wh,
)
from vision.detection.openvino_network import CompiledNetwork, OpenVinoNetwork, read_network
from vision.pixel_types import Detections, Picture

_MAX_INPUT_SIZES = 4
"""Limit on input sizes, each compiled separately for networks of flexible size; cameras have few sizes."""


class OpenVinoDetector:
    """Implementation of `vision.detection.detector.Detector`, for one calling thread.

    Every picture has an inference request of its own. A request is reused only after its boxes were read, so
    results stay available for as long as needed.
    """

    def __init__(
        self,
        network: OpenVinoNetwork,
        *,
        minimum_score: float,
        iou_threshold: float,
        requests: int | None,
        keeps_head: bool,
    ) -> None:
        self._network = network
        self._keeps_head = keeps_head
        self._minimum_score = minimum_score
        self._iou_threshold = iou_threshold
        self._requests = requests
        self._lanes: dict[tuple[int, int], _Lane] = {}
        self._is_closed = False
        if not network.is_flexible:
            self._lane(network.largest_wh)

    @staticmethod
    def load(
        model_path: Path,
        *,
        device: str = "auto",
        minimum_score: float = 0.1,
        iou_threshold: float | None = None,
        requests: int | None = None,
        person_class: int = 0,
        cache_folder: Path | None = None,
        keeps_head: bool = False,
    ) -> OpenVinoDetector:
        """Read a model folder (or its ``.xml``) and compile it.

        Args:
            iou_threshold: None for the model's default.
            requests: pictures in flight; None for the device's optimum, and one waiting.
            person_class: index of the class of people, for models without ``metadata.yaml``.
            cache_folder: folder for compiled networks, for a faster start.
            keeps_head: decode all boxes in the network, see `OpenVinoNetwork.compile`.

        Raises:
            ModelError: absent, damaged, not a detector of people, or the device cannot run it.
        """
        network = read_network(
            model_path, device=device, person_class=person_class, cache_folder=cache_folder
        )
        return OpenVinoDetector(
            network,
            minimum_score=minimum_score,
            iou_threshold=network.iou_threshold if iou_threshold is None else iou_threshold,
            requests=requests,
            keeps_head=keeps_head,
        )

    @property
    def input_wh(self) -> tuple[int, int]:
        """Width and height of the network's input; the largest, for a network of flexible size."""
        return self._network.largest_wh

    @property
    def device(self) -> str:
        """Name of the device that runs the network, by OpenVINO."""
        return self._network.device

    def submit(self, pictures: Sequence[Picture]) -> OpenVinoBatch:
        """Submit a batch of BGR pictures; waits only while every request is busy.

        Raises:
            ModelError: the network cannot be compiled for the size of these pictures.
        """
        if self._is_closed:
            raise RuntimeError("the detector is closed")
        batch = OpenVinoBatch(len(pictures))
        for index, picture in enumerate(pictures):
            wh = picture.shape[1], picture.shape[0]
            largest = self._network.largest_wh
            is_flexible = self._network.is_flexible
            input_wh = min_input_wh(wh, largest, self._network.stride) if is_flexible else largest
            slot = self._lane(input_wh).take()
            batch.slots[index] = slot
            slot.start(picture, batch, index)
        return batch

    def close(self) -> None:
        """Finish the work in progress, and release the model and the device."""
        self._is_closed = True
        for lane in self._lanes.values():
            lane.finish()
        self._lanes.clear()

    def _lane(self, input_wh: tuple[int, int]) -> _Lane:
        lane = self._lanes.pop(input_wh, None)
        if lane is None:
            while len(self._lanes) >= _MAX_INPUT_SIZES:
                self._lanes.pop(next(iter(self._lanes))).finish()
            compiled = self._network.compile(input_wh, keeps_head=self._keeps_head)
            count = self._requests or compiled.model.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS") + 1
            lane = _Lane([_Slot(compiled, input_wh, self._find_people) for _ in range(count)])
        self._lanes[input_wh] = lane  # moved to the end: most recently used
        return lane

    def _find_people(
        self, compiled: CompiledNetwork, request: Any, canvas: Picture, letterbox: Letterbox
    ) -> Detections:
        xyxy, score = compiled.decode(
            request, minimum_score=self._minimum_score, iou_threshold=self._iou_threshold
        )
        boxes = boxes_in_picture(xyxy, letterbox)
        # a box wholly in the grey border has no area left
        is_inside = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
        boxes, score = boxes[is_inside], score[is_inside]
        # the picture itself may be overwritten by now; the network's input is still here
        part, in_part = cut_letterbox(boxes, canvas, letterbox)
        return Detections(boxes, score, describe_clothes(part, in_part))


class OpenVinoBatch:
    """Implementation of `vision.detection.detector.PendingDetections`."""

    def __init__(self, size: int) -> None:
        self.slots: list[_Slot | None] = [None] * size
        self.results: list[Detections | ModelError | None] = [None] * size

    def wait(self) -> list[Detections]:
        """Return one result per picture, in order; may be called again.

        Raises:
            ModelError: the device failed on a picture.
        """
        found: list[Detections] = []
        for index, slot in enumerate(self.slots):
            if slot is not None:
                slot.collect()
            result = self.results[index]
            if isinstance(result, ModelError):
                raise result
            assert result is not None
            found.append(result)
        return found


class _Slot:
    """One inference request with the memory that its picture is drawn into."""

    def __init__(self, compiled: CompiledNetwork, input_wh: tuple[int, int], find_people: Any) -> None:
        self._compiled = compiled
        self._find_people = find_people
        self._request = request = compiled.model.create_infer_request()
        self._canvas: Picture = request.get_input_tensor(0).data[0]
        self._canvas[...] = PAD_GREY
        self._input_wh = input_wh
        self._letterbox: Letterbox | None = None
        self._job: tuple[OpenVinoBatch, int] | None = None

    @property
    def is_busy(self) -> bool:
        return self._job is not None

    @property
    def is_done(self) -> bool:
        """Return whether `collect` would return at once."""
        return self._job is None or bool(self._request.wait_for(0))

    def start(self, picture: Picture, batch: OpenVinoBatch, index: int) -> None:
        wh = picture.shape[1], picture.shape[0]
        if self._letterbox is None or self._letterbox.source_wh != wh:
            self._letterbox = fit_letterbox(wh, self._input_wh)
            self._canvas[...] = PAD_GREY
        draw_letterbox(picture, self._canvas, self._letterbox)
        self._job = batch, index
        self._request.start_async()

    def collect(self) -> None:
        """Wait for the network, read its boxes into the batch and free the slot."""
        if self._job is None:
            return
        batch, index = self._job
        self._job = None
        batch.slots[index] = None
        try:
            self._request.wait()
            assert self._letterbox is not None
            batch.results[index] = self._find_people(
                self._compiled, self._request, self._canvas, self._letterbox
            )
        except RuntimeError as error:
            failure = ModelError(
                "The device failed while processing a picture: {reason}",
                "Start again; if it happens again, choose another device.",
                reason=str(error).splitlines()[-1] if str(error) else "no reason given",
            )
            failure.__cause__ = error
            batch.results[index] = failure


class _Lane:
    """The requests of one input size."""

    def __init__(self, slots: list[_Slot]) -> None:
        self._slots = deque(slots)

    def take(self) -> _Slot:
        """Return a free slot; if there is none, the one that finishes first."""
        slot = next((slot for slot in self._slots if not slot.is_busy), None)
        slot = slot or next((slot for slot in self._slots if slot.is_done), None) or self._slots[0]
        slot.collect()
        self._slots.remove(slot)
        self._slots.append(slot)  # the oldest stay at the front
        return slot

    def finish(self) -> None:
        for slot in self._slots:
            slot.collect()
