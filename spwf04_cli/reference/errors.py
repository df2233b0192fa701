"""What to do about an error of the module, for who types the commands: by spwf04.at.hints, in the
words of this command line."""

from spwf04.at import hints
from spwf04.tls import refusal

from ..words import for_the_desk

# Where hints.py speaks of what the driver sent
_OWN = {
    2: "An argument is missing",
    6: "There are too many arguments; a comma in one of them? See console_delimiter",
}


def advice(number):
    """What AT-S.ERROR:<number> means and what to do, or None if no source tells."""
    meaning, hint, _ = hints.explain(number)
    if number in _OWN:
        return _OWN[number]
    parts = [for_the_desk(part) for part in (meaning, hint) if part]
    return ". ".join(parts) or None


def certificate(number):
    """What AT-S.Certificate Error:<number> means and what to do."""
    what, hint, _ = refusal.explain(number)
    return for_the_desk(f"{what}. {hint}")
