"""Output that no console and no reader can make a program fail with.

A console of an old code page, or a pipe from one, lacks some characters. A mark becomes a mark of
ASCII, as wide as before; any other missing character becomes a question mark. A reader that has
gone away gets nothing more, and nor does a stream that was closed before the program began.
"""

import codecs
import contextlib
import errno
import io
import os
import sys

# What a stream says that nobody reads: a pipe whose other end is closed (EINVAL on Windows), a
# closed file, a closed terminal
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
    """Replace what an encoding lacks; for codecs."""
    missing = error.object[error.start : error.end]
    return "".join(map(_ascii, missing)), error.end


def _ascii(c):
    if "\u2500" <= c < "\u2580":  # lines and corners of boxes
        return _LINES.get(c, "+")
    if "\u2800" <= c < "\u2900":  # a spinner
        return "*"
    return _MARKS.get(c, "?")


codecs.register_error("spwf04_sim.screen", _instead)


def fitting(text, encoding):
    """Return text in which marks of ASCII replace what an encoding lacks."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode(encoding, "spwf04_sim.screen").decode(encoding)
    except (LookupError, TypeError):  # the encoding is unknown here, or None
        pass
    return text


class Screen:
    """A text stream over another. Writing fails only if the disk is full; if the stream is not
    `needed`, writing never fails."""

    def __init__(self, stream, needed=True):
        self._stream = stream
        self._needed = needed

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def write(self, text):
        """As any text stream's."""
        self._guarded(self._stream.write, fitting(text, self._stream.encoding))
        return len(text)

    def writelines(self, lines):
        """As any text stream's."""
        for line in lines:
            self.write(line)

    def flush(self):
        """As any text stream's."""
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
        """Send what is still to be written, and all that follows, to nobody."""
        with contextlib.suppress(OSError, ValueError), open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), self._stream.fileno())


@contextlib.contextmanager
def guarded():
    """Make stdout (which the block gets) and stderr Screens until the block ends. A stream that is
    missing is replaced by an empty one."""
    before = sys.stdin, sys.stdout, sys.stderr
    nowhere = io.StringIO
    sys.stdin = before[0] or nowhere()
    sys.stdout = out = Screen(before[1] or nowhere())
    sys.stderr = Screen(before[2] or nowhere(), needed=False)
    try:
        yield out
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
