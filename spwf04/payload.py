"""Checks what a program hands over: payloads, buffers to be filled.

It raises TypeError, ValueError and OSError only: see arguments.py.
"""

import sys

from .arguments import copied, encoded


def payload(data, name="data", text=False):
    """Return data (bytes-like) as bytes or bytearray, whose length is in bytes.

    A str becomes UTF-8 on MicroPython, whose own sockets take it, and with `text`; elsewhere it is
    a TypeError, as all else is.
    """
    if isinstance(data, str):
        if not text and sys.implementation.name != "micropython":
            raise TypeError("%s must be bytes-like, not str: encode() it" % name)
        return encoded(data, name)
    if type(data) is not bytearray:
        data, kind = copied(data), type(data)
        if data is None:
            words = "str or bytes-like" if text else "bytes-like"
            raise TypeError("%s must be %s, not %s" % (name, words, kind.__name__))
    return data


def writable(buffer, name="buffer"):
    """Return a bytearray or memoryview through which the bytes of buffer can be written.

    None if this interpreter has no view of its bytes one by one. TypeError if it is read-only.
    """
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
        view = buffer  # itself, because a loop passes the same one again, see net/socket.py
    if hasattr(view, "format"):
        good = view.format == "B" and view.ndim == 1 and view.c_contiguous
    else:
        good = len(bytes(view[:1])) < 2
    if good:
        return view
    try:
        return view.cast("B")
    except (AttributeError, TypeError):
        return None  # MicroPython; or it has gaps


def fill(buffer, part, n):
    """Copy the first n bytes of part to the beginning of a buffer whose items are no bytes."""
    import io

    part = bytes(memoryview(part)[:n])
    try:
        io.BytesIO(part).readinto(buffer)
    except TypeError:  # on CPython, if it has gaps
        view = memoryview(buffer)
        whole = bytearray(bytes(view))
        whole[:n] = part
        view[:] = memoryview(whole).cast(view.format)  # pyright: ignore
