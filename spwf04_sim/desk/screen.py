"""What is printed reaches its reader, or nobody; the program goes on and ends as it would.

A console of an old code page, or a pipe from one, lacks some characters. A mark becomes one of
ASCII, as wide as before; whatever else is missing becomes a question mark. A reader that has gone
away, or a stream that was closed before the program began, is given nothing more.
"""

import codecs
import contextlib
import errno
import io
import os
import sys

# Nobody reads any more: a pipe whose other end is closed (the second on Windows), a file that is
# closed, a terminal that was
_GONE = (errno.EPIPE, errno.EINVAL, errno.EBADF, errno.EIO)

_MARKS = {
    "\xa0": " ",
    **dict.fromkeys("✔✓", "+"),
    **dict.fromkeys("✘✗×", "x"),
    **dict.fromkeys("→»", ">"),
    **dict.fromkeys("←«", "<"),
    **dict.fromkeys("↵⏎␍␊", "|"),
    **dict.fromkeys("…·•", "."),
    **dict.fromkeys("▮█", "#"),
    **dict.fromkeys("▯–—", "-"),
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("‘’", "'"),
}
_LINES = {**dict.fromkeys("─━═╌╍┄┅┈┉╴╶╸╺", "-"), **dict.fromkeys("│┃║╎╏┆┇┊┋╵╷╹╻", "|")}


def _instead(error):
    """Replaces what an encoding lacks; for codecs."""
    missing = error.object[error.start : error.end]
    return "".join(map(_ascii, missing)), error.end


def _ascii(c):
    if "\u2500" <= c < "\u2580":  # lines and corners of boxes
        return _LINES.get(c, "+")
    if "\u2800" <= c < "\u2900":  # what turns while one waits
        return "*"
    return _MARKS.get(c, "?")


codecs.register_error("spwf04_sim.screen", _instead)


def fitting(text, encoding):
    """Text without what an encoding lacks."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode(encoding, "spwf04_sim.screen").decode(encoding)
    except (LookupError, TypeError):  # an encoding that has no name here, or none at all
        pass
    return text


class Screen:
    """A text stream over another. Writing fails only if there is no room; if the stream is not
    `needed`, it never fails."""

    def __init__(self, stream, needed=True):
        self._stream = stream
        self._needed = needed

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def write(self, text):
        """As of any text stream."""
        self._guarded(self._stream.write, fitting(text, self._stream.encoding))
        return len(text)

    def writelines(self, lines):
        """As of any text stream."""
        for line in lines:
            self.write(line)

    def flush(self):
        """As of any text stream."""
        self._guarded(self._stream.flush)

    def _guarded(self, function, *arguments):
        try:
            function(*arguments)
        except OSError as e:
            if self._needed and e.errno not in _GONE:
                raise
            self.give_up()
        except ValueError:  # it was closed
            if not self._stream.closed:
                raise

    def give_up(self):
        """Nobody is to get any more, nor what still waits to be written."""
        with contextlib.suppress(OSError, ValueError), open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), self._stream.fileno())


@contextlib.contextmanager
def guarded():
    """Until the block ends, stdout (which it gets) and stderr are Screens; a stream that is not
    there is empty."""
    before = sys.stdin, sys.stdout, sys.stderr
    nowhere = io.StringIO
    sys.stdin = before[0] or nowhere()
    sys.stdout = out = Screen(before[1] or nowhere())
    sys.stderr = Screen(before[2] or nowhere(), needed=False)
    try:
        yield out
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
