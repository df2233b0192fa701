"""Every error and every bad indication of the module that no other rule has explained."""

from ...reference import advice
from ..decode import ERROR as FAILED
from ..decode import OPEN, RESTARTED
from ..finding import ERROR, NOTE, WARNING
from .rule import Rule

# Errors that answer a question rather than tell of a failure
_HARMLESS = (17,)


# What to do about an indication
_DO = {
    4: "Close sockets, and send less at a time",
    6: "It restarts: look at the power supply, and at what was sent before",
    8: "It restarts: look at the power supply, and at what was sent before; spwf04 update brings "
    "a later firmware",
    9: "It restarts: look at what was sent before; spwf04 update brings a later firmware",
    10: "Close sockets, and send less at a time",
    15: "Move it closer, or turn its antenna",
    18: "Set the access point to WPA2 with AES",
    22: "Scan again",
    23: "Scan again",
    27: "Look at wifi_ssid, wifi_channelnum and wifi_priv_mode",
    31: "It restarts: look at what was sent before; spwf04 update brings a later firmware",
    50: "Look at wifi_priv_mode and the password",
    63: "Read sooner, with SOCKDQ and SOCKDR: what was dropped is lost",
    78: "Join again with another password: somebody else may know this one",
    83: "Read sooner, with SOCKDQ and SOCKDR",
}


class Indications(Rule):
    """What was marked as bad is told, whatever it is."""

    def __init__(self, recording):
        super().__init__(recording)
        self._bad = []

    def indication(self, item):
        if item.weight == "bad":
            self._bad.append(item)

    def end(self):
        for item in self._bad:
            if not item.explained:
                weight = WARNING if item.recovered else ERROR
                what = f"{item.says} (WIND {item.number}: {item.text})"
                if item.recovered:
                    what += ", and then it had an address"
                do = _DO.get(item.number, "No source says what to do about it")
                self.tell("indication", weight, what, do, item)


class Errors(Rule):
    """The last one: number, text, and what hints.py says of it."""

    def exchange(self, item):
        name = item.name or "a command"
        if item.result == FAILED and not item.explained:
            number = f"{item.code}" if item.code else "without a number"
            text = f": {item.text}" if item.text else ""
            what = f"{name}: error {number}{text}"
            do = advice(item.code) or "No source explains this number"
            self.tell("error", NOTE if item.code in _HARMLESS else ERROR, what, do, item)
        elif item.result == RESTARTED:
            what = f"the module restarted while {name} was under way"
            self.tell("lost-command", WARNING, what, "Whether it was done is not known", item)
        elif item.result == OPEN and self.recording.both and item.command:
            what = f"the recording ends before the last line of {name}"
            self.tell("ends", NOTE, what, "", item)
