"""What a recording is made of, before anything is understood."""

from typing import NamedTuple, Optional

COMMAND = "command"  # a command line, or its echo
LINE = "line"  # a line from the module
OUT = "out"  # a payload to the module
IN = "in"  # a payload from the module
FILL = "fill"  # line ends that the driver sent to end an open payload
RUBBISH = "rubbish"  # bytes that are neither
NOTE = "note"  # words of whoever wrote the log


class Event(NamedTuple):
    """data: bytes, without the line's end; None: not in the recording. ms: when, None if that is
    not known. n: how many bytes were announced. echo: the module's, of a command seen before.
    heard: the command is known from its echo only. lf: a LF stood before the payload. place: line
    number in the file, from 1; 0 if it has none."""

    kind: str
    data: Optional[bytes]
    ms: Optional[float] = None
    n: Optional[int] = None
    echo: bool = False
    heard: bool = False
    lf: bool = False
    place: int = 0
