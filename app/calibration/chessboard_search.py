"""Chessboard search in a picture, in a child process, so that the window does not load OpenCV."""

from __future__ import annotations

import base64
import json

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray
from analytics.domain.errors import CalibrationError
from app.core.child_command import run_child_command
from app.core.job import JobContext

SEARCH_COMMAND = ("cameras", "find-chessboard")
_LUMA = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue (ITU-R BT.601)."""


def search_chessboard(
    picture: npt.NDArray[np.uint8],
    *,
    frame_wh: tuple[int, int],
    squares_across: int,
    squares_down: int,
    context: JobContext,
) -> FloatArray:
    """Find inner corners, shape (squares_down - 1, squares_across - 1, 2), pixels of the camera's frame.

    The picture goes to the child through a pipe, and nowhere else.

    Args:
        picture: shape (height, width, 3), RGB; it may be a smaller copy of the frame.

    Raises:
        CalibrationError: no such board is seen.
        JobCancelled: the context was cancelled.
    """
    grey = np.rint(picture @ _LUMA).astype(np.uint8)
    height, width = grey.shape
    request = {
        "size_wh": [width, height],
        "grey": base64.b64encode(grey.tobytes()).decode("ascii"),
        "squares_across": squares_across,
        "squares_down": squares_down,
    }
    answer = run_child_command(SEARCH_COMMAND, context, given=json.dumps(request), kind=CalibrationError)
    corners = np.array(json.loads(answer)["corners"], np.float64)
    scaled: FloatArray = corners * (np.asarray(frame_wh) / (width, height))
    return scaled


def serve_chessboard_search(request_text: str) -> dict[str, object]:
    """Serve a request of `search_chessboard` in the child process; return the response.

    Raises:
        CalibrationError: no such board is seen.
    """
    from vision.calibration.chessboard import find_chessboard

    request = json.loads(request_text)
    width, height = request["size_wh"]
    grey = np.frombuffer(base64.b64decode(request["grey"]), np.uint8).reshape(height, width)
    corners = find_chessboard(
        grey, squares_across=request["squares_across"], squares_down=request["squares_down"]
    )
    return {"corners": corners.tolist()}
