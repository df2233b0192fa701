"""Errors and bad indications of the module that no other rule explains."""

from ...reference import advice
from ..decode import ERROR as FAILED
from ..decode import OPEN, RESTARTED
from ..finding import ERROR, NOTE, WARNING
from .rule import Rule

# Errors that are an answer, and no failure
_HARMLESS = (17,)


# What to do about an indication
_DO = {
    4: "Close sockets, and send less at a time",
    6: "The module restarts. Check the power supply, and what was sent before",
    8: "The module restarts. Check the power supply, and what was sent before. spwf04 update "
    "brings a later firmware",
    9: "The module restarts. Check what was sent before. spwf04 update brings a later firmware",
    10: "Close sockets, and send less at a time",
    15: "Move the module closer to the access point, or turn its antenna",
    18: "Set the access point to WPA2 with AES",
    22: "Scan again",
    23: "Scan again",
    27: "Check wifi_ssid, wifi_channelnum and wifi_priv_mode",
    31: "The module restarts. Check what was sent before. spwf04 update brings a later firmware",
    50: "Check wifi_priv_mode and the password",
    63: "Read sooner, with SOCKDQ and SOCKDR. What was dropped is lost",
    78: "Join with another password, because somebody else may know this one",
    83: "Read sooner, with SOCKDQ and SOCKDR",
}


class Indications(Rule):
    """Tells of every indication that is marked as bad."""

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
                    what += ", and then the module got an address"
                do = _DO.get(item.number, "No source says what to do about it")
                self.tell("indication", weight, what, do, item)


class Errors(Rule):
    """Tells of every error: number, text, and what to do."""

    def exchange(self, item):
        name = item.name or "a command"
        if item.result == FAILED and not item.explained:
            number = f"{item.code}" if item.code else "without a number"
            text = f": {item.text}" if item.text else ""
            what = f"{name}: error {number}{text}"
            do = advice(item.code) or "No source explains this number"
            self.tell("error", NOTE if item.code in _HARMLESS else ERROR, what, do, item)
        elif item.result == RESTARTED:
            what = f"the module restarted during {name}"
            self.tell(
                "lost-command", WARNING, what, "It is not known whether the command was done", item
            )
        elif item.result == OPEN and self.recording.both and item.command:
            what = f"the recording ends before the last line of {name}"
            self.tell("ends", NOTE, what, "", item)
