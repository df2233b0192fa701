"""What the module says: lines of replies, payloads, indications, the final lines. [a.3]"""

import random

from ..parts.tables import ERRORS


class Replies:
    """The texts of a SimulatedModule. All of them go through its emit()."""

    def __init__(self, module):
        self._module = module
        self._chance = random.Random(4)
        self._after_payload = False

    def line(self, data):
        """Send a line of a reply (str or bytes, without its end)."""
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogateescape")
        self._boundary()
        self._module.emit(self._nuls() + data + b"\r\n")

    def payload(self, data):
        """Send the bytes that a reply brings. The OK behind them stands at no line's start."""
        self._module.emit(data)
        self._after_payload = True

    def ok(self):
        """Send the final line of success."""
        heap, state = "20123", str(self._module.wifi.state)
        suffix = {"": "", ":": ":", ":heap": ":" + heap, ":heap:state": f":{heap}:{state}"}
        self._module.reply("AT-S.OK" + suffix[self._module.quirks.ok_suffix])
        self._after_payload = False

    def error(self, number):
        """Send the final line of failure."""
        text = {"full": f":{number}:{ERRORS.get(number, '')}", "empty": f":{number}:"}
        shown = text.get(self._module.quirks.error_text, f":{number}")
        self._module.reply("AT-S.ERROR" + shown)

    def wind(self, number, text):
        """Send an indication, unless it is masked; text: str or bytes."""
        module = self._module
        masks = ("low", "medium", "high")
        mask = int(module.variables["console_wind_off_" + masks[number // 32]], 16)
        if mask >> number % 32 & 1:
            return
        text = text.encode() if isinstance(text, str) else text
        data = self._nuls() + f"+WIND:{number}:".encode() + text + b"\r\n"
        data = module.faults.wind(number, data)
        if data is None:
            return
        if module.quirks.winds == "held" and module.busy:
            module.runner.hold(data)
        else:
            module.emit(data)

    def _boundary(self):
        """Send the indications that fall between two lines of a reply."""
        if self._module.quirks.winds == "everywhere":
            self._module.emit(b"+WIND:52:GPIO:4:1\r\n")
        for data in self._module.faults.boundary():
            self._module.emit(data)

    def _nuls(self):
        if self._module.quirks.nul_bytes and not self._after_payload:
            if self._chance.random() < 0.3:
                return b"\0" * self._chance.randint(1, 3)
        return b""
