"""What a program hands over: payloads, buffers to be filled, files of this host.

Only TypeError, ValueError and OSError are raised here: see arguments.py.
"""

import sys

from .arguments import copied, encoded


def payload(data, name="data", text=False):
    """Return data, bytes-like, as bytes or bytearray, of which the length is in bytes.

    str becomes UTF-8 where the interpreter's own sockets take it, on MicroPython, and with
    `text`. TypeError else.
    """
    if isinstance(data, str):
        if not text and sys.implementation.name != "micropython":
            raise TypeError("%s must be bytes-like, not str: encode() it" % name)
        return encoded(data, name)
    if type(data) is not bytearray:
        data, kind = copied(data), type(data)
        if data is None:
            raise TypeError("%s must be bytes-like, not %s" % (name, kind.__name__))
    return data


def writable(buffer, name="buffer"):
    """A bytearray or memoryview through which the bytes of buffer can be written one by one;
    None if this interpreter has no such view of it. TypeError if nothing can be written."""
    view = None
    if type(buffer) is bytearray:
        return buffer
    try:
        view = memoryview(buffer)
        if not hasattr(view, "readonly"):
            view[:1] = view[:1]  # raises for what cannot be written
        elif view.readonly:  # pyright: ignore[reportAttributeAccessIssue]
            view = None
    except MemoryError:
        raise
    except Exception:
        view = None
    if view is None:
        raise TypeError("%s must be a writable buffer, not %s" % (name, type(buffer).__name__))
    if type(buffer) is memoryview:
        view = buffer  # the one that a loop passes again, see net/socket.py
    if hasattr(view, "format"):
        good = view.format == "B" and view.ndim == 1
    else:
        good = len(bytes(view[:1])) < 2
    if good:
        return view
    try:
        return view.cast("B")
    except (AttributeError, TypeError):
        return None  # MicroPython; or it has gaps


def fill(buffer, part, n):
    """Copy the first n bytes of part to the beginning of a buffer of other items."""
    import io

    part = bytes(memoryview(part)[:n])
    try:
        io.BytesIO(part).readinto(buffer)
    except TypeError:  # CPython: it has gaps
        view = memoryview(buffer)
        whole = bytearray(bytes(view))
        whole[:n] = part
        view[:] = memoryview(whole).cast(view.format)  # pyright: ignore


def file_name(value, name):
    """The name of a file of this host as str, of a str or of a path: pathlib.Path, anything with
    __fspath__(); None for what is neither. [MicroPython's pathlib has no __fspath__()]"""
    if isinstance(value, str):
        return value
    kind = type(value)
    try:
        if hasattr(kind, "__fspath__"):
            text = value.__fspath__()
        else:
            text = str(value) if hasattr(kind, "read_bytes") else None
    except Exception:
        text = b""
    if text is not None and not isinstance(text, str):
        raise TypeError("%s is a path that is not str" % name)
    return text


def opened(value, name):
    """Open a file of this host for reading. OSError and ValueError name the argument, not the
    file: its name may be a secret that was given in the wrong place."""
    number = None
    try:
        return open(file_name(value, name), "rb")  # pyright: ignore
    except OSError as e:
        number = e.errno
    except (ValueError, TypeError):
        pass
    if number is None:
        raise ValueError("%s is no file name" % name)
    raise OSError(number, "%s: this file cannot be opened" % name)
