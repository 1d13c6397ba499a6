"""Monitoring of one camera's view: a picture every second or so, a verdict a few times a minute."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from analytics.domain.lens import Lens
from vision.alignment.background import SAMPLES, BackgroundModel, GreyPicture
from vision.alignment.blindness import find_blindness
from vision.alignment.registration import Registration, register_view
from vision.alignment.view_features import ViewFeatures, find_features
from vision.alignment.view_report import BlindCause, ViewPictures, ViewReport, ViewVerdict

SAMPLE_EVERY_S = 1.2
VERDICT_EVERY_S = 10.0
VERDICTS_IN_A_ROW = 2
FOREIGN_IN_A_ROW = 5
"""Consecutive unrecognised verdicts before a view is reported as a different one."""
WINDOW_S = SAMPLES * SAMPLE_EVERY_S
"""Window of the background; a steady one confirms the view only up to its beginning."""
_BLIND_IN_A_ROW, _CLEAR_IN_A_ROW = 4, 2
_MEAN_OF = 4
"""Number of pictures averaged for edges, which reduces noise."""
_MAX_UNKNOWN_PART = 0.4
"""Maximum share of the picture hidden by people when a reference is made."""
_MAX_UNKNOWN_OF_FOREIGN = 0.2
_MIN_FEATURES = 60
_FOREIGN_FEATURES_PART = 0.4
_NEW_SHIFT_PART = 0.003
"""Share of the width; a moved view is reported again after a larger shift."""


class ViewMonitor:
    """A monitor that takes small pictures in order of time and signals changes of its report.

    A verdict needs two registrations in a row. A view that cannot be told is as it was. The reference is the
    first background of enough known floor, unless one is given.
    """

    def __init__(
        self,
        reference: ViewFeatures | None = None,
        *,
        lens: Lens | None = None,
        hidden: Sequence[Sequence[tuple[float, float]]] = (),
        may_be_dark: bool = False,
        on_reference: Callable[[ViewFeatures], None] = lambda _features: None,
    ) -> None:
        """Start without a picture.

        Args:
            hidden: polygons in pixels of the small picture that do not move with the view.
            may_be_dark: darkness is no trouble of the camera; it says nothing about its view.
            on_reference: called with a reference that was taken.
        """
        self._reference = reference
        self._lens = lens
        self._hidden = tuple(hidden)
        self.may_be_dark = may_be_dark
        self._on_reference = on_reference
        self._background = BackgroundModel()
        self._report = ViewReport()
        self._sampled_s: float | None = None
        self._judged_s: float | None = None
        self._steady_until_s: float | None = None
        self._clear_s: float | None = None
        self._reference_picture: GreyPicture | None = None
        self._steady_picture: GreyPicture | None = None
        self._last_picture: GreyPicture | None = None
        self._now_picture: GreyPicture | None = None
        self._row: tuple[ViewVerdict, int] = (ViewVerdict.UNKNOWN, 0)
        self._foreign = 0
        self._blind, self._clear = 0, 0
        self._last: deque[npt.NDArray[np.float32]] = deque(maxlen=_MEAN_OF)

    @property
    def report(self) -> ViewReport:
        """Return the current state."""
        return self._report

    @property
    def pictures(self) -> ViewPictures | None:
        """Return the empty floor when the view was last unchanged, and now; None before the first verdict."""
        before, after = self._steady_picture, self._now_picture
        if after is None:
            return None
        if before is not None and before.shape != after.shape:
            before = None
        return ViewPictures(
            (after.shape[1], after.shape[0]), b"" if before is None else before.tobytes(), after.tobytes()
        )

    def is_due(self, time_s: float) -> bool:
        """Return whether a picture of this time is needed."""
        sampled_s = self._sampled_s
        return sampled_s is None or time_s < sampled_s or time_s - sampled_s >= SAMPLE_EVERY_S

    def observe(
        self, time_s: float, picture: GreyPicture, people_xyxy: npt.NDArray[np.float32] | Sequence[float] = ()
    ) -> bool:
        """Process a picture that is due.

        Args:
            people_xyxy: shape (n, 4), boxes of people in its pixels.

        Returns:
            Whether the report says something else than before.
        """
        if self._sampled_s is not None and time_s < self._sampled_s:
            self._background.reset()
            self._judged_s = None
        self._sampled_s = time_s
        if self._steady_until_s is None:
            self._steady_until_s = time_s
        before = self._report
        if self._reference is not None and not self._check_visibility(time_s, picture):
            return self._report != before
        self._background.add(picture, people_xyxy)
        if self._judged_s is None:
            self._judged_s = time_s
        if self._background.is_full and time_s - self._judged_s >= VERDICT_EVERY_S:
            self._judged_s = time_s
            self._judge(time_s)
        return self._report != before

    def _check_visibility(self, time_s: float, picture: GreyPicture) -> bool:
        """Return whether the picture shows anything; a blind one is kept out of the background."""
        assert self._reference is not None
        if self._last and self._last[-1].shape != picture.shape:
            self._last.clear()
        self._last.append(picture.astype(np.float32))
        cause = find_blindness(self._reference, np.mean(self._last, axis=0, dtype=np.float32))
        is_blinded = self._report.verdict is ViewVerdict.BLINDED
        if cause is BlindCause.DARK and self.may_be_dark:
            self._blind, self._clear, self._clear_s = 0, 0, time_s
            if is_blinded:
                self._report = ViewReport(steady_until_s=self._steady_until_s, noticed_s=time_s)
            return False
        if cause is None:
            self._blind, self._clear = 0, self._clear + 1
            if not is_blinded:
                self._clear_s = time_s
            elif self._clear >= _CLEAR_IN_A_ROW:
                self._clear_s = time_s
                self._background.reset()
                self._judged_s, self._row = None, (ViewVerdict.UNKNOWN, 0)
                self._report = ViewReport(steady_until_s=self._steady_until_s, noticed_s=time_s)
            return self._report.verdict is not ViewVerdict.BLINDED
        self._blind, self._clear = self._blind + 1, 0
        if is_blinded and cause is not self._report.cause and self._blind % _BLIND_IN_A_ROW == 0:
            self._report = replace(self._report, cause=cause)
        elif not is_blinded and self._blind >= _BLIND_IN_A_ROW:
            self._now_picture = picture
            seen_s = self._steady_until_s
            if self._clear_s is not None:
                # of the pictures in that mean, the first may have been the last with something in it
                seen_s = self._clear_s - (_MEAN_OF - 1) * SAMPLE_EVERY_S
            self._report = ViewReport(ViewVerdict.BLINDED, seen_s, time_s, cause=cause)
        return False

    def _judge(self, time_s: float) -> None:
        background, unknown = self._background.estimate()
        features = find_features(background, unknown=unknown, hidden=self._hidden)
        self._now_picture = background
        if self._reference is None or self._reference.size_wh != features.size_wh:
            if self._reference is None and unknown.mean() <= _MAX_UNKNOWN_PART:
                self._make_reference(features, background, time_s)
            return
        registration = register_view(
            self._reference,
            features,
            lens=None if self._lens is None else self._lens.in_picture(features.size_wh),
            reference_picture=self._reference_picture,
            now_picture=background,
        )
        verdict = registration.verdict
        if verdict is ViewVerdict.UNKNOWN:
            self._judge_foreign(features, float(unknown.mean()), registration, time_s)
            return
        self._foreign = 0
        self._row = (verdict, self._row[1] + 1 if verdict is self._row[0] else 1)
        if self._row == (ViewVerdict.MOVED, 1):
            self._background.drop_hidden()
            self._now_picture, _ = self._background.estimate()
        if verdict is ViewVerdict.STEADY:
            self._judge_steady(background, time_s)
        elif self._row[1] >= VERDICTS_IN_A_ROW:
            self._report_moved(registration, features.size_wh, time_s)

    def _judge_steady(self, background: GreyPicture, time_s: float) -> None:
        if self._report.verdict is ViewVerdict.MOVED and self._row[1] < VERDICTS_IN_A_ROW:
            return
        self._steady_until_s = time_s - WINDOW_S
        # of the verdict before: this one may be half of a view that is being moved
        self._steady_picture, self._last_picture = self._last_picture, background
        if self._report.verdict is not ViewVerdict.STEADY:
            self._report = ViewReport(ViewVerdict.STEADY, time_s, time_s)

    def _report_moved(self, registration: Registration, size_wh: tuple[int, int], time_s: float) -> None:
        known = self._report
        is_known = known.verdict is ViewVerdict.MOVED
        is_same_motion = (known.reference_from_now is None) == (registration.reference_from_now is None)
        if is_known and is_same_motion and abs(known.shift_part - registration.shift_part) < _NEW_SHIFT_PART:
            return
        motion = registration.reference_from_now
        self._report = ViewReport(
            ViewVerdict.MOVED,
            known.steady_until_s if is_known else self._steady_until_s,
            known.noticed_s if is_known else time_s,
            None if motion is None else tuple((float(a), float(b), float(c)) for a, b, c in motion),
            registration.shift_part,
            registration.rotation_rad,
            registration.rms_px,
            registration.points,
            size_wh,
        )

    def _judge_foreign(
        self, features: ViewFeatures, unknown_part: float, registration: Registration, time_s: float
    ) -> None:
        """Judge a clear view that repeatedly matches hardly any reference points as a different one."""
        assert self._reference is not None
        is_clear = (
            unknown_part <= _MAX_UNKNOWN_OF_FOREIGN
            and len(self._reference) >= _MIN_FEATURES
            and len(features) >= _FOREIGN_FEATURES_PART * len(self._reference)
        )
        self._foreign = self._foreign + 1 if is_clear else 0
        if self._foreign >= FOREIGN_IN_A_ROW:
            self._row = (ViewVerdict.MOVED, VERDICTS_IN_A_ROW)
            self._report_moved(replace(registration, shift_part=1.0), features.size_wh, time_s)

    def _make_reference(self, features: ViewFeatures, background: GreyPicture, time_s: float) -> None:
        self._reference, self._reference_picture = features, background
        self._steady_picture = self._last_picture = background
        self._steady_until_s = time_s - WINDOW_S
        self._report = ViewReport(ViewVerdict.STEADY, time_s, time_s)
        self._on_reference(features)
