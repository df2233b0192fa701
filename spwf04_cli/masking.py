"""What may be shown of a line: names and addresses, never a password or key."""

import re

from spwf04.trace import masked

from .output import MASK, clean
from .reference import parse

# other characters that may separate arguments, see spwf04.comma
_DELIMITERS = "|;~^!\t"
# a line of a key or certificate in PEM, which lost its place
_BASE64 = re.compile(r"\s*[A-Za-z0-9+/]{40,}={0,2}\s*")
_SETTING = re.compile(r"(?:AT\+S\.)?SCFG\s*[= ]\s*([^,]*(?:psk|wep_key|aes128_key)[^,]*),", re.I)


def shown(line, delimiter=","):
    """A line of either side (bytes or str) as str that is safe to show.

    Passwords, keys, user names, lines of PEM and what follows a "?" in a path become asterisks.
    """
    data = line.encode("utf-8", "surrogateescape") if isinstance(line, str) else bytes(line)
    text = data.decode("utf-8", "backslashreplace").replace("\t", " ")
    found = parse(text, delimiter) or parse("AT+S." + text, delimiter)
    if found is None or found.command is None or not found.command.secret:
        hidden = MASK if _BASE64.fullmatch(text) else masked(data)
        return hidden if hidden.endswith(MASK) else clean(text)
    if len(found.arguments) < 2 and any(d in text for d in _DELIMITERS):
        return clean(text.partition("=")[0]) + "=" + MASK  # where the secret is, is not known
    for start, end in reversed(secret_spans(text, delimiter)):
        text = text[:start] + MASK + text[end:]
    return clean(text)


def secret_spans(text, delimiter=","):
    """[(start, end)] of what is secret in a command line (str) that is being typed; it may lack
    its AT+S."""
    blanks = len(text) - len(text.lstrip())
    return [(a + blanks, b + blanks) for a, b in _spans(text[blanks:], delimiter)]


def _spans(text, delimiter):
    setting = _SETTING.match(text)
    if setting is not None:
        return [(setting.end(), len(text))] if len(text) > setting.end() else []
    found = parse(text, delimiter) or parse("AT+S." + text, delimiter)
    if found is None or found.command is None or not found.command.secret:
        return []
    spans = []
    start = text.find("=") + 1
    for n, value in enumerate(found.arguments):
        given = text[start:].partition(delimiter)[0]
        end = start + len(given)
        if n in found.command.secret and value:
            spans.append((start, end))
        elif "?" in given:
            spans.append((start + given.index("?") + 1, end))
        start = end + 1
    return spans


def keeps_secret(line):
    """True if the payload of this reference.Line is a key, or a certificate: never shown."""
    if line is None or line.command is None:
        return False
    file = line.argument(0).lower()
    return line.name in ("TLSCERT", "WPAECERT") or (
        line.name in ("FSC", "FSP") and file.endswith((".key", ".pem", ".cert", ".ca"))
    )
