"""Finds the interpreter's own TLS modules, ssl and tls, also after compat.install() has put the
driver's in their place."""

# By name: the module that compat.install() took out of sys.modules; None if there was none
originals = {}


def native(name):
    """The interpreter's own module of this name; ImportError if it has none."""
    import sys

    if name not in originals:
        return __import__(name)
    ours = {}
    for other in ("ssl", "tls"):  # MicroPython's ssl imports its tls
        if other in originals:
            ours[other] = sys.modules.pop(other)
            if originals[other] is not None:
                sys.modules[other] = originals[other]
    try:
        return __import__(name)
    finally:
        for other in ours:
            sys.modules[other] = ours[other]


def which():
    """Which interface the interpreter's TLS has: "cpython", "micropython" or "circuitpython"; None
    if the interpreter has no TLS that verifies."""
    try:
        ssl = native("ssl")
    except ImportError:
        ssl = None
    if ssl is not None and hasattr(ssl, "MemoryBIO"):
        return "cpython"
    try:
        if hasattr(native("tls"), "SSLContext"):
            return "micropython"
    except ImportError:
        pass
    if ssl is not None and hasattr(ssl, "create_default_context"):
        return "circuitpython"
    return None


def lax(name):
    """True if mbedTLS may take certificates for others for one of this name, see named.py."""
    return name.count(".") < 2 or name.replace(".", "").isdigit()
