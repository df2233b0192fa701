"""Arguments of commands: what may stand in a line of its own, and in a place of it."""


def argument(value, name, size=0, strict=False):
    """Return value (str or bytes-like) as bytes fit to stand in a command line.

    ValueError if it contains CR, LF or NUL, which would end the command and begin another, if it
    is longer than `size` bytes (0: not checked), or, with `strict`, if it contains a comma, which
    would start the next argument [decision 7]. The value itself is never shown.
    """
    data = value.encode() if isinstance(value, str) else bytes(value)
    if b"\r" in data or b"\n" in data or b"\0" in data:
        raise ValueError("%s must not contain CR, LF or NUL" % name)
    if size and len(data) > size:
        raise ValueError("%s is %d bytes long, the limit is %d" % (name, len(data), size))
    if strict and b"," in data:
        raise ValueError("%s must not contain a comma" % name)
    return data


def host(value):
    """Return a host name or IPv4 address as bytes; ValueError says what is wrong with it."""
    value = argument(value, "host", 255, True)
    if not value or b" " in value:
        raise ValueError("host must not be empty or contain blanks")
    return value


def server_name(name):
    """Check a server name for TLS and return it as bytes. [decision 6]

    ValueError for names that SOCKON takes for something else: t, u, s, s1, s2.
    """
    name = host(name)
    if name.lower() in (b"t", b"u", b"s", b"s1", b"s2"):  # it must not become plain TCP
        raise ValueError(
            "a server cannot be called %s: the module would not use TLS" % name.decode()
        )
    return name
