"""Why somewhere nobody looked for a while, in words: the history keeps the cause as a word of the program."""

from __future__ import annotations

from analytics.domain.errors import Phrase

_CAUSES = {
    "not running": Phrase("recording was off"),
    "terminated": Phrase("the system ended the program"),
    "handed over": Phrase("the recording went on in another process"),
    "restarted": Phrase("the recorder started again"),
    "camera lost": Phrase("the camera was lost"),
    "stall": Phrase("no pictures came"),
    "store": Phrase("it could not be written"),
    "frozen": Phrase("the picture stood still"),
    "clock": Phrase("this machine's clock was set forward"),
    "disk full": Phrase("the disk was full"),
    "dark": Phrase("it is dark"),
    "covered": Phrase("its lens is covered"),
    "out of focus": Phrase("it is out of focus"),
    "erased": Phrase("it was erased"),
    "tracks lost": Phrase("its tracks are lost"),
}


def describe_cause(cause: str) -> Phrase:
    """The cause of a gap; one that this version does not know stays as it is."""
    return _CAUSES.get(cause) or Phrase("{word}", {"word": cause})
