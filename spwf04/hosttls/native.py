"""The interpreter's own TLS modules, though ours may be in their place."""


def native(name):
    """The interpreter's own module of this name, though compat.install() put ours there."""
    import sys

    compat = sys.modules.get("spwf04.compat")
    if compat is None or name not in compat._saved:
        return __import__(name)
    ours = {}
    for other in ("ssl", "tls"):  # MicroPython's ssl imports its tls
        if other in compat._saved:
            ours[other] = sys.modules.pop(other)
            if compat._saved[other] is not None:
                sys.modules[other] = compat._saved[other]
    try:
        return __import__(name)
    finally:
        for other in ours:
            sys.modules[other] = ours[other]
