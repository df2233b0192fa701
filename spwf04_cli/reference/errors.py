"""What the module's error numbers mean, and what to do, for a person who types the commands."""

from spwf04.at import hints
from spwf04.tls import refusal

from ..advice import sentence

# Here a person sends the command, and not the driver
_OWN = {2: "", 6: "A comma in an argument? See console_delimiter"}


def meaning(number):
    """What AT-S.ERROR:<number> means, a fact without a full stop; None if no source tells."""
    return hints.explain(number)[0]


def advice(number):
    """What AT-S.ERROR:<number> means and what to do, or None if no source tells."""
    fact, _, remedy = hints.explain(number)
    if fact is None:
        return None
    todo = _OWN.get(number, sentence(remedy) if remedy else "")
    return _capital(fact) + (f". {todo}" if todo else "")


def certificate(number, host=None):
    """What AT-S.Certificate Error:<number> means and what to do. host: the server, if known."""
    fact, _, remedy = refusal.explain(number)
    names = {"host": host} if host else {}
    return f"{_capital(fact)}. {sentence(remedy, **names)}"


def _capital(text):
    return text[:1].upper() + text[1:]
