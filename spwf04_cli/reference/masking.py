"""What may be shown of a line: names and addresses, never a password or key. spwf04.at.secret has
the table of what is secret."""

import re

from spwf04.at import secret

from ..output import MASK, clean
from .commands import parse

# In a person's words: what announces a secret; and where a secret stands in an address
_TOLD = re.compile(
    r"(?:wifi_\w*(?:psk|key|passwd|pin)\w*(?:\[\d\])?|aes128_key|pass(?:word|wd|phrase|key)?|pwd|psk"
    r"|secret|token|(?:api|wpa|wep|private)[ _-]?key)['\"]?\s*(?:[:=,|]|\bis\b)\s*['\"]?",
    re.I,
)
_ADDRESS = re.compile(r"(\w+://)[^/\s@]+@")
_BASE64 = re.compile(r"[\s\"'>|]*[A-Za-z0-9+/]{24,}={0,2}[\s\"',;\\rn]*")
_REST = re.compile(r"[\s\"'>|]*[A-Za-z0-9+/]+={0,2}[\s\"',;\\rn]*")
_PROTOCOL = re.compile(r"AT[+-]S\.|\+WIND:", re.I)
_SETTING = re.compile(r"(?:AT\+S\.)?SCFG\s*[= ]\s*([^,]*),", re.I)


def shown(line, delimiter=","):
    """A line of host or module (bytes or str) as a str that is safe to show.

    A command may lack its AT+S. A secret, and all that follows it, becomes asterisks.
    """
    data = line.encode("utf-8", "surrogateescape") if isinstance(line, str) else bytes(line)
    code = ord(delimiter)
    begins = data.lstrip()
    typed = parse("AT+S." + begins.decode("latin-1"), delimiter)
    if typed is not None and typed.command is not None and begins[:2].upper() != b"AT":
        blanks = len(data) - len(begins)
        size = blanks + max(0, secret.shown(b"AT+S." + begins, code, True) - 5)
    else:
        size = secret.shown(data, code, True)
    text = clean(data[:size].decode("utf-8", "backslashreplace").replace("\t", " "))
    return text + MASK if size < len(data) else text


def prose(line):
    """A line of a person's words, or of a body (bytes or str), as a str that is safe to show."""
    text = line if isinstance(line, str) else line.decode("utf-8", "replace")
    begins = _PROTOCOL.search(text)
    if begins is None:
        return MASK if _BASE64.fullmatch(text) else _told(text)
    name = re.match(r"AT\+S\.(\w+)(?=\s)", text[begins.start() :], re.I)
    if name is not None:  # words about the command follow
        end = begins.start() + name.end()
        return _told(text[: begins.start()]) + text[begins.start() : end] + prose(text[end:])
    return _told(text[: begins.start()]) + shown(text[begins.start() :])


def typed(line):
    """A line that a person has typed, as a str that is safe to show."""
    text = line.strip()
    found = parse(text) or parse("AT+S." + text)
    if found is not None and (found.command is not None or _PROTOCOL.match(text)):
        return shown(line)
    head, equals, rest = line.partition("=")
    if equals and not re.fullmatch(r"\d{0,3}", rest):
        return clean(head) + equals + MASK
    return _told(line)


def _told(text):
    text = _ADDRESS.sub(lambda match: match[1] + MASK + "@", text)
    told = _TOLD.search(text)
    return clean(text[: told.end()]) + MASK if told and told.end() < len(text) else clean(text)


class Keys:
    """Looks at lines in their order, and says which belong to a key or certificate."""

    def __init__(self):
        self._inside = self._rest = False

    def holds(self, data):
        """True if a line (bytes) belongs to one."""
        text = data.decode("latin-1")
        inside = self._inside
        if "-----BEGIN" in text:
            self._inside = inside = True
        if "-----END" in text:
            self._inside = False
        whole = _BASE64.fullmatch(text) is not None
        rest = self._rest and _REST.fullmatch(text) is not None
        self._rest = whole
        return inside or whole or rest


def secret_spans(text, delimiter=","):
    """[(start, end)] of the secrets in a command line (str) that is being typed. It may lack its
    AT+S."""
    blanks = len(text) - len(text.lstrip())
    return [(a + blanks, b + blanks) for a, b in _spans(text[blanks:], delimiter)]


def _spans(text, delimiter):
    setting = _SETTING.match(text)
    if setting is not None:
        shy = not secret.open_variable(setting[1].strip().encode("utf-8", "surrogateescape"))
        return [(setting.end(), len(text))] if shy and len(text) > setting.end() else []
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
    """True if the payload of this Line is a key or certificate, which is never shown."""
    if line is None or line.command is None:
        return False
    name = f"AT+S.{line.name}={line.argument(0)}".encode("utf-8", "surrogateescape")
    return secret.payload(name, named=True)
