"""What the module says: lines of replies, payloads, indications, the final lines. [a.3]

The variables console_verbose, console_errs and console_winds say how much of each is shown.
"""

import random
import re
from collections import deque

from ..parts.tables import ERRORS

_KEYWORD = re.compile(rb"AT-S\.[A-Za-z][A-Za-z ]*")
_MASKED = 32  # most masked indications that are remembered. GUESS
_SPLICED = 11  # one of so many lines of replies has an indication inside


class Replies:
    """The texts of a SimulatedModule. All of them go through its emit()."""

    def __init__(self, module):
        self._module = module
        self._masked = deque(maxlen=_MASKED)  # (number, text) of indications that were masked
        self._lines = 0  # count of lines of replies
        self._chance = random.Random(4)
        self._after_payload = False

    def line(self, data):
        """Send a line of a reply (str or bytes, without its end)."""
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogateescape")
        if self._level("verbose") == "0":
            data = self._stripped(data)
            if data is None:
                return
        self._end_line(data)

    def _level(self, name):
        return self._module.variables["console_" + name]

    def _stripped(self, data):
        """Return what console_verbose 0 leaves of an information line, None for nothing."""
        keyword = _KEYWORD.match(data)
        if keyword is None:
            return data
        rest = data[keyword.end() + 1 :]
        how = self._module.quirks.verbose_0
        if how == "line" or not rest:
            return None
        return b"AT-S." + rest if how == "keyword" else rest

    def _end_line(self, data):
        self._boundary()
        data = self._nuls() + data + b"\r\n"
        self._lines += 1
        if self._module.quirks.winds_spliced and self._lines % _SPLICED == 0:
            half = len(data) // 2
            data = data[:half] + b"+WIND:52:GPIO:4:1\r\n" + data[half:]
        self._module.emit(data)

    def payload(self, data):
        """Send the bytes that a reply brings. The OK behind them stands at no line's start."""
        self._module.emit(data)
        self._after_payload = True

    def ok(self):
        """Send the final line of success."""
        module = self._module
        heap, state = module.heap.free(), module.wifi.state
        suffix = {"": "", ":": ":", ":heap": f":{heap}", ":heap:state": f":{heap}:{state}"}
        # At the default level it is open whether anything follows. The highest shows all
        level = self._level("verbose")
        shown = {"0": "", "1": module.quirks.ok_suffix, "2": ":heap:state"}[level]
        self._end_line(b"AT-S.OK" + suffix[shown].encode())
        self._after_payload = False
        if self._masked and self._module.quirks.masked_winds == "lifted":
            self._tell_masked(lambda number, text: True)

    def error(self, number):
        """Send the final line of failure."""
        full = f":{number}:{ERRORS.get(number, '')}"
        level = self._level("errs")
        if level == "0":
            shown = ""
        elif level == "1":
            shown = (
                f":{number}"
                if self._module.quirks.errs_1 == "number"
                else full[full.rindex(":") :]
            )
        else:
            text = {"full": full, "empty": f":{number}:"}
            shown = text.get(self._module.quirks.error_text, f":{number}")
        self._end_line(b"AT-S.ERROR" + shown.encode())

    def wind(self, number, text):
        """Send an indication, unless it is masked; text: str or bytes."""
        module = self._module
        if module.power.asleep:
            return
        if number == 1:
            self._masked.clear()
        if self._is_masked(number):
            if module.quirks.masked_winds == "lifted" or number in (58, 62):
                self._masked.append((number, text))
            return
        text = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
        shown = self._shown(text)
        if shown is None:
            return
        data = self._nuls() + f"+WIND:{number}".encode() + shown + b"\r\n"
        data = module.faults.wind(number, data)
        if data is None:
            return
        if module.quirks.winds == "held" and module.busy:
            module.runner.hold(data)
        else:
            module.emit(data)

    def _shown(self, text):
        """Return what stands behind the number of an indication; None if nothing is sent."""
        level = self._level("winds")
        if level == "2":
            return b":" + text
        first, last = self._module.quirks.winds_levels.split("/")
        how = first if level == "1" else last
        if how == "none":
            return None
        return b":" + text.partition(b":")[0] if how == "text" else b""

    def _is_masked(self, number):
        masks = ("low", "medium", "high")
        mask = int(self._module.variables["console_wind_off_" + masks[number // 32]], 16)
        return mask >> number % 32 & 1

    def repeat(self, begin):
        """A command names a socket: tell its end, whose text begins so, if it was masked."""
        if self._masked and self._module.quirks.masked_winds == "asked":
            self._tell_masked(lambda number, text: text.startswith(begin))

    def forget(self, begin):
        """A socket is closed: what was masked of it is told no more."""
        kept = [(n, text) for n, text in self._masked if not str(text).startswith(begin)]
        self._masked = deque(kept, _MASKED)

    def _tell_masked(self, is_due):
        """Send those masked indications that are due, if they are not masked any more."""
        for number, text in list(self._masked):
            if is_due(number, text) and not self._is_masked(number):
                self._masked.remove((number, text))
                self.wind(number, text)

    def _boundary(self):
        """Send the indications that fall between two lines of a reply."""
        if self._module.quirks.winds == "everywhere" and not self._is_masked(52):
            self._module.emit(b"+WIND:52:GPIO:4:1\r\n")
        for data in self._module.faults.boundary():
            self._module.emit(data)

    def _nuls(self):
        if self._module.quirks.nul_bytes and not self._after_payload:
            if self._chance.random() < 0.3:
                return b"\0" * self._chance.randint(1, 3)
        return b""
