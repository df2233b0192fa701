"""The pieces of a recording, before anything is understood."""

from typing import NamedTuple, Optional

COMMAND = "command"  # a command line, or its echo
LINE = "line"  # a line from the module
OUT = "out"  # a payload to the module
IN = "in"  # a payload from the module
FILL = "fill"  # line ends that the driver sent to end an open payload
RUBBISH = "rubbish"  # bytes that are neither
NOTE = "note"  # words of a person, or of another program


class Event(NamedTuple):
    """A piece of a recording.

    data: bytes without the line end; None: not in the recording. ms: time, None if not known. n:
    how many bytes were announced. echo: it is the echo of a command that came before. heard: the
    command is known only from its echo. lf: a LF stood before the payload. place: line number in
    the file, from 1; 0 if it has none.
    """

    kind: str
    data: Optional[bytes]
    ms: Optional[float] = None
    n: Optional[int] = None
    echo: bool = False
    heard: bool = False
    lf: bool = False
    place: int = 0
