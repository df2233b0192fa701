"""What may be shown of a line: names and addresses, never a password or key."""

from spwf04.trace import masked

from .output import MASK, clean
from .reference import parse

# other characters that may separate arguments, see spwf04.comma
_DELIMITERS = "|;~^!\t"


def shown(line, delimiter=","):
    """A line of either side (bytes or str) as str that is safe to show.

    Passwords, keys, user names and what follows a "?" in a path become asterisks.
    """
    data = line.encode("utf-8", "surrogateescape") if isinstance(line, str) else bytes(line)
    text = data.decode("utf-8", "backslashreplace").replace("\t", " ")
    found = parse(text, delimiter)
    if found is None or found.command is None or not found.command.secret:
        hidden = masked(data)
        return hidden if hidden.endswith(MASK) else clean(text)
    if len(found.arguments) < 2 and any(d in text for d in _DELIMITERS):
        return clean(text.partition("=")[0]) + "=" + MASK  # where the secret is, is not known
    return clean(_without(found, text, delimiter))


def _without(found, text, delimiter):
    arguments = list(found.arguments)
    for n, value in enumerate(arguments):
        if n in found.command.secret:
            arguments[n] = MASK if value else ""
        elif "?" in value:
            arguments[n] = value.partition("?")[0] + "?" + MASK
    if not arguments:
        return text
    return text.partition("=")[0] + "=" + delimiter.join(arguments)


def keeps_secret(line):
    """True if the payload of this reference.Line is a key, or a certificate: never shown."""
    if line is None or line.command is None:
        return False
    file = line.argument(0).lower()
    return line.name in ("TLSCERT", "WPAECERT") or (
        line.name == "FSC" and file.endswith((".key", ".pem", ".cert", ".ca"))
    )
