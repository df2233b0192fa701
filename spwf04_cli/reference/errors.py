"""What to do about an error of the module, for who types the commands."""

from spwf04 import hints

# Where hints.py speaks of what the driver sent
_OWN = {
    2: "An argument is missing",
    6: "There are too many arguments; a comma in one of them? See console_delimiter",
    80: "The module's HTTP client is not open",
    81: "The module's HTTP client is busy; try again",
    82: "The module's HTTP client did not end; restart the module",
}


def advice(number):
    """What AT-S.ERROR:<number> means and what to do, or None if no source tells."""
    return _OWN.get(number) or hints.error(number)
