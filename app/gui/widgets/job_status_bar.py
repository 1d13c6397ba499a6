"""The line below every page: cameras, frame rate, recording, and the work under way with a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar, QToolButton, QWidget

from app.gui.job_runner import JobHandle, JobRunner
from app.gui.translation import tr, trn
from app.gui.widgets.icons import make_icon


class JobStatusBar(QStatusBar):
    """Shows the oldest unfinished job, and how many wait behind it."""

    doctor_asked = Signal()
    """Somebody wants to know what is wrong."""

    def __init__(self, job_runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._jobs: list[JobHandle] = []
        self._share: dict[JobHandle, tuple[float, float]] = {}
        self._cameras = QLabel(self)
        self._rate = QLabel(self)
        self._recording = QLabel(self)
        for label in (self._cameras, self._rate, self._recording):
            label.setProperty("role", "small")
            self.addWidget(label)
        self._job = QLabel(self)
        self._job.setProperty("role", "small")
        self._job.setTextFormat(Qt.TextFormat.PlainText)
        self._progress = QProgressBar(self)
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(160)
        self._cancel = QToolButton(self)
        self._cancel.setProperty("role", "quiet")
        self._cancel.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._cancel.setIcon(make_icon("close"))
        self._cancel.clicked.connect(self._on_cancel_clicked)
        self._doctor = QToolButton(self)
        self._doctor.setProperty("role", "quiet")
        self._doctor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._doctor.setIcon(make_icon("doctor"))
        self._doctor.clicked.connect(self.doctor_asked)
        for widget in (self._job, self._progress, self._cancel, self._doctor):
            self.addPermanentWidget(widget)
        job_runner.job_started.connect(self._on_job_started)
        job_runner.job_finished.connect(self._on_job_finished)
        self.retranslate()
        self._show_jobs()

    def set_pipeline(self, *, cameras: str, rate: str, recording: str) -> None:
        """Three short texts, already translated; empty ones are hidden."""
        for label, text in ((self._cameras, cameras), (self._rate, rate), (self._recording, recording)):
            label.setText(text)
            label.setVisible(bool(text))

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._cancel.setToolTip(tr("Cancel this work"))
        self._cancel.setAccessibleName(tr("Cancel this work"))
        self._progress.setAccessibleName(tr("Progress"))
        self._doctor.setToolTip(tr("What is wrong? Ask the doctor"))
        self._doctor.setAccessibleName(tr("What is wrong? Ask the doctor"))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language and the theme."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
            self._show_jobs()
        elif event.type() is QEvent.Type.PaletteChange:
            self._cancel.setIcon(make_icon("close"))
            self._doctor.setIcon(make_icon("doctor"))
        super().changeEvent(event)

    def _on_job_started(self, job: JobHandle) -> None:
        self._jobs.append(job)
        job.progress.connect(self._on_progress)
        self._show_jobs()

    def _on_job_finished(self, job: JobHandle) -> None:
        if job in self._jobs:
            self._jobs.remove(job)
            self._share.pop(job, None)
            job.progress.disconnect(self._on_progress)
        self._show_jobs()

    def _on_progress(self, done: float, total: float) -> None:
        job = self.sender()
        if isinstance(job, JobHandle) and job in self._jobs:
            self._share[job] = (done, total)
            if job is self._jobs[0]:
                self._show_share(done, total)

    def _on_cancel_clicked(self) -> None:
        if self._jobs:
            self._jobs[0].cancel()
            self._cancel.setEnabled(False)
            self._job.setText(tr("Cancelling"))

    def _show_jobs(self) -> None:
        for widget in (self._job, self._progress, self._cancel):
            widget.setVisible(bool(self._jobs))
        if not self._jobs:
            return
        waiting = len(self._jobs) - 1
        more = trn(" (and {n} more)", " (and {n} more)", waiting) if waiting else ""
        self._job.setText(self._jobs[0].title + more)
        self._show_share(*self._share.get(self._jobs[0], (0.0, 0.0)))
        self._cancel.setEnabled(not self._jobs[0].is_cancelled)

    def _show_share(self, done: float, total: float) -> None:
        self._progress.setRange(0, 1000 if total > 0 else 0)
        self._progress.setValue(round(1000 * done / total) if total > 0 else 0)
