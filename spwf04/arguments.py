"""Checks arguments that become part of a command line.

With payload.py and checks.py: every value that a program passes is checked before the first byte
of a command is sent. A function returns what can be sent, or raises a TypeError or ValueError that
names the argument. The value is never shown, because it may be a secret. No method is called of a
value whose type is wrong.
"""

_LONGEST = 0xFFFFFFF  # ms: half the period of the channel's clock
_IN_NAMES = b"abcdefghijklmnopqrstuvwxyz0123456789-_."
_DELIMITERS = b",|;~^!\t"  # of arguments: the usual one, and those of commands/comma.py


def argument(value, name, size=0, strict=False):
    """Return value (str or bytes-like) as bytes that can be an argument of a command.

    TypeError if it is something else. ValueError if it contains CR, LF or NUL, which would end
    the command and begin another, or if it is longer than `size` bytes (0: any length). A comma
    would begin the next argument. [decision 7] With `strict` it is a ValueError. Without, it is
    one only if the value also contains every character that could separate arguments instead.
    """
    if isinstance(value, str):
        data = encoded(value, name)
    elif type(value) in (bytes, bytearray, memoryview):
        data = bytes(value)
    else:
        data = None
        if isinstance(value, (bytes, bytearray)):  # a derived class: its bytes, not its methods
            data = copied(value)
        if data is None:
            raise TypeError("%s must be str or bytes, not %s" % (name, type(value).__name__))
    if b"\r" in data or b"\n" in data or b"\0" in data:
        raise ValueError("%s must not contain CR, LF or NUL" % name)
    if size and len(data) > size:
        raise ValueError("%s is %d bytes long, the limit is %d" % (name, len(data), size))
    if b"," in data:
        if strict:
            raise ValueError("%s must not contain a comma" % name)
        if all([c in data for c in _DELIMITERS]):
            raise ValueError("%s has too many kinds of punctuation beside a comma" % name)
    return data


def copied(value):
    """Return the bytes of an object with the buffer protocol; None for all else."""
    if type(value) is bytes:
        return value
    try:
        return bytes(memoryview(value))
    except MemoryError:
        raise
    except Exception:  # the protocol may be written in Python, and raise anything
        return None


def encoded(text, name):
    """Return a str in UTF-8. A ValueError has no other exception in its context, because a
    UnicodeError would show the text."""
    try:
        return bytes(text, "utf-8")
    except (ValueError, TypeError):
        pass
    raise ValueError("%s is not text: it cannot be written in UTF-8" % name)


def exact(value):
    """Return an int or float; None for all else. One of a derived class, whose methods may do
    anything, becomes a plain one."""
    if type(value) in (int, float, bool):
        return value
    try:
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            return float(value)
    except MemoryError:
        raise
    except Exception:
        pass
    return None


def host(value, name="host", more=b""):
    """Return a host name or IPv4 address as bytes: in lower case, without the dot that may end a
    name. more: characters that it may have too. ValueError, TypeError.

    Names are ASCII, of parts of 1 to 63 letters, digits, - and _. What ends in a number is an
    address, of four numbers without zeros in front.
    """
    value = argument(value, name, 0, True).lower()
    if value[-1:] == b".":
        value = value[:-1]
    parts = value.split(b".")
    sizes = list(map(len, parts))
    last = parts[-1]
    if (
        value.strip(_IN_NAMES + more)
        or not 0 < min(sizes) <= max(sizes) < 64
        or len(value) > 253
        or last[:2] == b"0x"
        or (
            last.isdigit()
            and [b"%d" % (int(n) & 255) for n in parts if n.isdigit()] != (parts + [0])[:4]
        )
    ):
        words = "must be a name or an IPv4 address"
        try:
            from .hosts import why

            words = why(value)
        except (ImportError, MemoryError):
            pass
        raise ValueError(name + " " + words)
    return value


def server_name(value, name="server_hostname"):
    """Return the name of a TLS server as bytes, as host() does. It may have a *, for a module that
    compares a wildcard literally. [decision 6, h.2]

    ValueError for the names that SOCKON takes for something else: t, u, s, s1, s2.
    """
    value = host(value, name, b"*")
    if value in (b"t", b"u", b"s", b"s1", b"s2"):  # it must not become plain TCP
        raise ValueError(
            "a server cannot be called %s: the module would not use TLS" % value.decode()
        )
    return value


def address(value, empty=False):
    """Return (host, port) as a tuple of str and int. empty: the host may be ""."""
    if not isinstance(value, (tuple, list)) or len(value) < 2:
        raise TypeError("address must be (host, port), not %s" % type(value).__name__)
    name, number = value[0], value[1]  # only once: the next time it may give others
    if not empty or not isinstance(name, str) or name:
        name = host(name).decode()
    else:
        name = ""
    return name, port(number)


def port(value):
    """Return the number of a port, 1 to 65535; ValueError for all else."""
    value = exact(value)
    if not isinstance(value, int) or not 0 < value < 65536:
        raise ValueError("port must be an int, 1 to 65535")
    return value


def network(ssid, password):
    """Return a network's name and password as bytes, for SPWF04.connect()."""
    if password is not None:
        password = argument(password, "password", 64)
        if 0 < len(password) < 8:
            raise ValueError("password must have 8 to 63 characters; WEP is not supported")
        if len(password) == 64 and password.lower().strip(b"0123456789abcdef"):
            raise ValueError("password of 64 characters must be hex digits")
    if ssid is not None:
        ssid = argument(ssid, "ssid", 32)
        if not ssid:
            raise ValueError("ssid must not be empty")
    elif password:
        raise ValueError("ssid must not be None beside a password")
    return ssid, password or b""


def moment(seconds):
    """Return seconds since 1970 (int or float), up to the year 2106, as an int."""
    kind = type(seconds)
    seconds = exact(seconds)
    if seconds is None:
        raise TypeError("seconds must be a number, not " + kind.__name__)
    if not 0 < seconds < 1 << 32:  # nor NaN
        raise ValueError("seconds must be those since 1970-01-01, up to 2106")
    return int(seconds)


def milliseconds(seconds, name="timeout"):
    """Return seconds (int or float, 0 or more) as ms, three days at most. Only 0 becomes 0."""
    kind = type(seconds)
    seconds = exact(seconds)
    if seconds is None:
        raise TypeError("%s must be a number of seconds, not %s" % (name, kind.__name__))
    if not 0 <= seconds < float("inf"):  # nor NaN
        raise ValueError("%s must be 0 or more seconds, and finite" % name)
    if seconds > _LONGEST // 1000:
        return _LONGEST
    return max(int(seconds * 1000), 1) if seconds else 0
