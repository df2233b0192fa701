"""Templates of the web server, and INPUTSSI, which fills them. [j, j.1]

A template, *.fhtml, has marks <!--|code|what|index or name|…|-->. Most of them show tokens of the
text that the host has given with INPUTSSI; a page that has such marks asks for it by WIND 56.
"""

import inspect
import re

from ..commands.registry import COMMANDS, command
from ..texts import is_number

_MARK = re.compile(rb"<!--\|(.*?)\|?-->", re.S)
_WINDOW = 30  # seconds that a page waits for the host [a.2]
_RAW = b"06"


class Input:
    """The text that the host gives for templates. tokens: a list of str. waits: how many pages
    wait for it."""

    def __init__(self):
        self.tokens = []
        self.waits = 0
        self.count = 0  # how often it was given

    def give(self, data):
        """Take the host's text: its first byte separates the tokens."""
        text = data.decode("utf-8", "replace")
        self.tokens = text[1:].split(text[:1]) if text else []
        self.count += 1


def _check(module, size):
    if is_number(size) and int(size) > 127 and module.quirks.ssi_limit == "refused":
        return 32
    return None


@command("INPUTSSI", 1, 1, data=0, check=_check)
def inputssi(module, size, data):
    """Fill the text for a page of the web server."""
    if not module.is_since("1.1.0"):  # a fault of that firmware [j]
        module.after(module.timing.flash, module.restart, "watchdog")
        yield lambda: False
    given = module.daemons.input
    if not given.waits and module.quirks.ssi_unasked == "error":
        return 111  # GUESS
    given.give(data)
    return None


def ask(module, name, *arguments):
    """Run a command as if the host had sent it; a generator that returns (lines of its reply, its
    error number or None)."""
    known = COMMANDS.get(name)
    if known is None:
        return [], 1
    asked = _Asked(module)
    given = [*arguments, *[""] * known.most][: known.most]
    result = known.function(asked, *given)
    if inspect.isgenerator(result):
        result = yield from result
    return asked.lines, result


class _Asked:
    """A module whose replies are kept."""

    def __init__(self, module):
        self._module = module
        self.lines = []

    def reply(self, data):
        self.lines.append(data if isinstance(data, str) else data.decode("utf-8", "replace"))

    def __getattr__(self, name):
        return getattr(self._module, name)


def render(module, template):
    """Fill a template; a generator that returns the page, bytes."""
    marks = [mark.split(b"|") for mark in _MARK.findall(template)]
    if any(mark[0] != _RAW or mark[1:2] == [b"Input"] for mark in marks):
        yield from _await_input(module)
    page = b""
    at = 0
    for match in _MARK.finditer(template):
        words = [word.decode("utf-8", "replace") for word in match[1].split(b"|")]
        shown = yield from _shown(module, words)
        page += template[at : match.start()] + shown.encode("utf-8", "surrogateescape")
        at = match.end()
    return page + template[at:]


def _await_input(module):
    """Ask the host for its text, and wait until it is there or the time is over."""
    given = module.daemons.input
    before, end = given.count, module.clock.now() + _WINDOW
    given.tokens = []
    given.waits += 1
    module.wind(56, "Input to remote")
    module.after(_WINDOW * 1000, lambda: None)  # something happens then, for a virtual clock
    try:
        yield lambda: given.count != before or module.clock.now() >= end
    finally:
        given.waits -= 1


def _shown(module, words):
    """What takes the place of a mark, a str; a generator. words: code, name, and what follows."""
    words += [""] * 5
    if words[0] == "06":
        return (yield from _raw(module, words[1], words[2], words[3]))
    tokens = module.daemons.input.tokens
    first = int(words[2]) if is_number(words[2]) else 0
    t = [_token(tokens, first + i) for i in range(4)]
    forms = {
        "00": f'<select name="{t[0]}"{" MULTIPLE" if t[1] else ""}>',
        "01": f'<option{" SELECTED" if t[2] else ""} value="{t[0]}">{t[1]}',
        "02": "</select>",
        "03": _checked("checkbox", t),
        "04": _checked("radio", t),
        "05": f'<textarea name="{t[0]}" cols="{t[1]}" rows="{t[2]}">',
        "07": "</textarea>",
        "08": f'<input type="text" name="{t[0]}" value="{t[1]}" size="{t[2]}">',
        "09": f'<input type="submit" name="{t[0]}" value="{t[1]}">',
        "10": f'<input type="reset" name="{t[0]}" value="{t[1]}">',
        "11": f'<input type="password" name="{t[0]}" value="{t[1]}" size="{t[2]}">',
    }
    return forms.get(words[0], "")


def _checked(kind, t):
    checked = " CHECKED" if t[3] else ""
    return f'<input type="{kind}" name="{t[0]}" value="{t[1]}"{checked}>{t[2]}'


def _token(tokens, n):
    """A token; one blank means that it is not given."""
    token = tokens[n] if n < len(tokens) else ""
    return "" if token == " " else token


def _raw(module, what, name, peer):
    """A token, variable or level as it is; a generator."""
    if what == "Input":
        return _token(module.daemons.input.tokens, int(name) if is_number(name) else 0)
    commands = {
        "DevConf": ("GCFG", name),
        "DevSts": ("STS", name),
        "Peers": ("PEERS", peer or "0", name),
        "ADC": ("ADC", name),
        "GpioR": ("GPIOR", name),
    }
    if what not in commands:
        return ""
    lines, error = yield from ask(module, *commands[what])
    if error or not lines:
        return ""
    _, equals, value = lines[-1].partition("=")
    fields = lines[-1].split(":")
    # GPIOR tells pin, level and direction [c.6]
    return value if equals else fields[2] if len(fields) > 2 else fields[-1]
