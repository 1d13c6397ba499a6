"""What is wrong with a recording, sentence by sentence: `health` and `record` say it below their tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from app.cli.language import tr, translate

if TYPE_CHECKING:
    from analytics.domain.errors import Phrase
    from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus


def list_troubles(status: PipelineStatus) -> Iterator[str]:
    """Of every camera that is not well its reason and what to do; restarts of processes; the history."""
    for camera in status.cameras:
        words = explain_camera(camera)
        if words:
            yield f"{camera.camera}: {words}"
    for process in status.processes:
        if process.restarts:
            yield tr(
                "{process} was started again {count} times, the last time because: {reason}",
                process=process.name,
                count=process.restarts,
                reason=process.detail,
            )
    told = status.history.describe()
    if told is not None:
        yield tell(told)


def explain_camera(camera: CameraStatus) -> str:
    """Why a camera is in its state, and what to do where that is known; empty where all is well."""
    from vision.pipeline.messages import CameraState

    error = camera.error
    if error is not None and camera.state in (CameraState.LOST, CameraState.REFUSED):
        sentences = (error.problem_template, error.remedy_template)
        return " ".join(_fill(sentence, error.details) for sentence in sentences if sentence)
    said = tell(camera.detail)
    if camera.state is CameraState.QUARANTINED:
        kept = tr("This camera's video made its reader crash several times; it is left alone for a while.")
        return f"{kept} ({said})" if said else kept
    if camera.state is CameraState.FROZEN:
        return tr("The picture stands still.")
    if camera.state is CameraState.DARK:
        return tr("The picture is black.")
    return said


def tell(words: str | Phrase) -> str:
    """Words of the program in the language of the person."""
    from analytics.domain.errors import Phrase

    return _fill(words.template, words.fields) if isinstance(words, Phrase) else translate(words)


def _fill(template: str, fields: Mapping[str, object]) -> str:
    from analytics.domain.errors import fill_template

    return fill_template(template, fields, translate)
