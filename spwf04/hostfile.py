"""Files of this host that a program names: certificates, keys, bundles, uploads.

It raises TypeError, ValueError and OSError only: see arguments.py.
"""


def file_name(value, name):
    """Return the name of a file of this host as str, None for what is no name.

    value: str, pathlib.Path (which has no __fspath__() on MicroPython), or any object with
    __fspath__(). TypeError if that is not str.
    """
    if isinstance(value, str):
        return value
    kind = type(value)
    try:
        if hasattr(kind, "__fspath__"):
            text = value.__fspath__()
        else:
            text = str(value) if hasattr(kind, "read_bytes") else None
    except MemoryError:
        raise
    except Exception:
        text = b""
    if text is not None and not isinstance(text, str):
        raise TypeError("%s is a path that is not str" % name)
    return text


def opened(value, name):
    """Open a file of this host for reading.

    OSError and ValueError name the argument, not the file: what was given as its name may be a
    secret.
    """
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
