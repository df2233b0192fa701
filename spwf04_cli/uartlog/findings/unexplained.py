"""Errors and bad indications of the module that no other rule explains."""

from ...reference import advice
from ..decode import ERROR as FAILED
from ..decode import OPEN, RESTARTED
from ..finding import ERROR, NOTE, WARNING
from .rule import Rule, heard


def _answers(item):
    """True if an error is an answer, and no failure: the radio is on already, or there is no such
    file to read."""
    return item.code == 17 or (item.name, item.code) == ("FSP", 51)


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
    40: "It joins again by itself: wait for WIND 24. If that does not come, check the password",
    41: "It joins again by itself: wait for WIND 24. If that does not come, check the password",
    50: "Check wifi_priv_mode and the password",
    63: "Read sooner, with SOCKDQ and SOCKDR. What was dropped is lost",
    74: "It has the name, and another kind of security: spwf04 scan shows it",
    78: "Join with another password, because somebody else may know this one",
    83: "Read sooner, with SOCKDQ and SOCKDR",
}


# What a host may ask while the module is being switched on: nothing is lost with it
_QUESTIONS = ("AT", "GCFG", "STS")

_ADDRESS = "the module got an address"

# What came to nothing yet: the signal may do, and what the radio does not handle may not matter
_MILD = (15, 34, 36, 42, 43, 44, 45)


class Indications(Rule):
    """Tells of every indication that is marked as bad."""

    def __init__(self, recording):
        super().__init__(recording)
        self._bad = []

    def indication(self, item):
        if item.number == 16:  # the signal is good again
            for before in self._bad:
                before.recovered = before.recovered or before.number == 15
        if item.weight == "bad":
            self._bad.append(item)

    def end(self):
        for item in self._bad:
            if not item.explained:
                mild = item.recovered or item.number in _MILD
                what = f"{item.says} (WIND {item.number}: {item.text})"
                if item.recovered:
                    better = "the signal was good again" if item.number == 15 else _ADDRESS
                    what += f", and then {better}"
                do = _DO.get(item.number, "No source says what to do about it")
                self.tell("indication", WARNING if mild else ERROR, what, do, item)


class Errors(Rule):
    """Tells of every error: number, text, and what to do."""

    def __init__(self, recording):
        super().__init__(recording)
        self._heard = False  # something came from the module
        self._open = None  # the command whose last line is not in the log

    def indication(self, item):
        self._heard = True

    def exchange(self, item):
        self._heard = self._heard or heard(item)
        name = item.name or "a command"
        if item.result == FAILED and not item.explained:
            number = f"{item.code}" if item.code else "without a number"
            text = f": {item.text}" if item.text else ""
            what = f"{name}: error {number}{text}"
            do = advice(item.code) or "No source explains this number"
            self.tell("error", NOTE if _answers(item) else ERROR, what, do, item)
        elif item.result == RESTARTED and (self._heard or item.name not in _QUESTIONS):
            what = f"the module restarted during {name}"
            self.tell(
                "lost-command", WARNING, what, "It is not known whether the command was done", item
            )
        elif item.result == OPEN and self.recording.both and item.command:
            self._open = item

    def end(self):
        item = self._open
        if item is not None and not item.explained:
            what = f"the recording ends before the last line of {item.name or 'a command'}"
            self.tell("ends", NOTE, what, "", item)
