"""Causes of gaps as readable phrases; the history stores them as keywords."""

from __future__ import annotations

from analytics.domain.errors import Phrase

_CAUSES = {
    "not running": Phrase("recording was off"),
    "terminated": Phrase("the system ended the program"),
    "taken over": Phrase("another machine took the camera over"),
    "handed over": Phrase("recording continued in another process"),
    "restarted": Phrase("the recorder restarted"),
    "camera lost": Phrase("the camera was disconnected"),
    "stall": Phrase("no pictures arrived"),
    "store": Phrase("the data could not be written"),
    "frozen": Phrase("the picture was frozen"),
    "clock": Phrase("this machine's clock was set forward"),
    "disk full": Phrase("the disk was full"),
    "dark": Phrase("it is dark"),
    "covered": Phrase("its lens is covered"),
    "out of focus": Phrase("it is out of focus"),
    "erased": Phrase("the data was erased"),
    "tracks lost": Phrase("its tracks are lost"),
}


def describe_cause(cause: str) -> Phrase:
    """Return the cause of a gap as a phrase; an unknown cause is returned unchanged."""
    return _CAUSES.get(cause) or Phrase("{word}", {"word": cause})
