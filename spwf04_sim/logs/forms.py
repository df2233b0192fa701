"""The form of a command line: its name, its arguments, and whether data follow. [c, g, i, j]"""

import re
from typing import NamedTuple, Optional

# Index of the argument that is the length of the data behind the CR
DATA = {
    "FSC": 1,
    "INPUTSSI": 0,
    "MQTTPUB": 4,
    "SMTP": 12,
    "SOCKDW": 2,
    "SOCKW": 1,
    "TLSCERT": 1,
    "WPAECERT": 1,
    "WSOCKW": 4,
}
# Their replies hold lines of any form, or raw data of unknown length
BODIES = frozenset(
    "FSL FSP FSUPDATE FWUPDATE HELP HTTPGET HTTPPOST MFGTEST PING PYTHON RTOSSTS SELFTEST SSXSTS"
    " TFTPGET TFTPPUT".split()
)

_ALIASES = {"V": "GCFG", "W": "WCFG", "F": "FCFG"}
_FORM = re.compile(r"AT(?:\+S\.([A-Z0-9]*)|&([VWF])|)(?:=(.*))?", re.I | re.S)


class Form(NamedTuple):
    """A command line in parts. name: in upper case, "" if there is none. arguments: list of str.
    data: length of the data behind the CR, None if there are none. body: its reply may hold lines
    of any form."""

    name: str
    arguments: list
    data: Optional[int]
    body: bool

    def argument(self, n):
        """The nth argument, "" if it is missing."""
        return self.arguments[n] if n < len(self.arguments) else ""


def parse(text, delimiter=","):
    """The Form of a command line (str, without its CR), or None if the text is none.

    delimiter: the character of console_delimiter at that time.
    """
    match = _FORM.fullmatch(text.strip(" \0"))
    if match is None:
        return None
    word, short, rest = match.groups()
    name = _ALIASES[short.upper()] if short else "AT" if word is None else word.upper()
    arguments = rest.split(delimiter) if rest is not None else []
    arguments = ["" if a == "NULL" else a for a in arguments]
    return Form(name, arguments, _data(name, arguments), name in BODIES)


def _data(name, arguments):
    if name not in DATA:
        return None
    # In TLSCERT=content,2 the argument is an option
    if name in ("TLSCERT", "WPAECERT") and "".join(arguments[:1]).lower() == "content":
        return None
    count = arguments[DATA[name]] if DATA[name] < len(arguments) else ""
    return int(count) if count.isdigit() else 0
