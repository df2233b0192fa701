"""Unexpected restarts, starts that are interrupted, configurations that are lost. [b, k.8]"""

from spwf04_sim.parts.tables import FIRMWARE

from ..decode import ERROR as FAILED
from ..decode import OK, Exchange
from ..finding import ERROR, NOTE, WARNING
from .rule import Rule, heard

_CAUSES = {
    4: "its memory was short (WIND 4): close sockets, send less at a time",
    5: "its radio hardware failed (WIND 5)",
    6: "its watchdog restarted it (WIND 6)",
    8: "its firmware crashed (WIND 8)",
    9: "its firmware ran out of stack (WIND 9)",
    10: "its firmware ran out of memory (WIND 10): close sockets, send less at a time",
    31: "an exception came in its firmware (WIND 31)",
}
_AFTER = (
    "Its sockets are closed; files on its RAM disk, its clock and unsaved settings are lost. Join "
    "and connect again. If it happens often, check the power supply"
)
_FACTORY = {
    "0": "GPIO0 was high at the start, or the reset line is unstable",
    "1": "the saved configuration is damaged: the power failed, or a reset came, in the first "
    "second of a start or during AT+S.WCFG",
}


_BEFORE_START = (2, 7, 68)  # these come before WIND 1
_WHILE_STARTING = (*_BEFORE_START, 3, 11, 13, 17, 65, 73)


class Restarts(Rule):
    """Follows the starts of the module."""

    def __init__(self, recording):
        super().__init__(recording)
        self._seen = False  # something came before a start
        self._asked = None  # the command that restarts it
        self._boot = None  # WIND 1 was seen, WIND 0 not yet
        self._runs = False  # since then it has done what only a running module does
        self._causes = []
        self._updates = 0  # starts that an update excuses
        self._files = False  # files could not be opened or deleted

    def exchange(self, item):
        self._seen = self._seen or heard(item)
        if item.result in (OK, FAILED) and item.name not in ("RESET", "FWUPDATE"):
            self._runs = True
        if item.name == "RESET":
            self._asked = item
        elif item.name == "FWUPDATE":
            self._asked = self._asked or item
            self._updates = 2  # it may start twice: with the old firmware, then with the new one
        if item.result == FAILED and item.code in (51, 56):
            self._files = True

    def rubbish(self, item):
        self._seen = True

    def indication(self, item):
        if item.number == 1:
            self._started(item)
            self._boot, self._runs = item, False
            self._firmware(item)
        elif item.number in (2, 68):  # a command, or the end of standby
            self._asked = self._asked or item
        elif item.number == 0:
            if self._boot is None:
                self._started(item)
            self._boot = None
        elif item.number == 65:
            self._factory(item)
        elif item.number == 7:
            self._configuration(item)
        elif item.number in (5, 11):
            item.explained = True
            what = f"the radio did not start (WIND {item.number}: {item.text})"
            self.tell("radio", ERROR, what, "Switch the module off and on", item)
        elif item.number not in _WHILE_STARTING:
            self._runs = True
        if item.number in _CAUSES:
            self._causes.append(item)
        self._seen = self._seen or item.number not in _BEFORE_START

    def end(self):
        asked = self._asked
        if isinstance(asked, Exchange) and asked.name == "RESET" and self.recording.both:
            self.tell(
                "silent-reset",
                WARNING,
                "nothing came after AT+S.RESET",
                "Unless the log just ends there: the module drives its own RESET line, and a "
                "push-pull output of the host that holds the line high blocks the reset. Make the "
                "output open drain, or an input while it is idle",
                asked,
            )

    def _started(self, item):
        asked, self._asked = self._asked, None
        before, self._causes = self._causes, []
        causes = [_CAUSES[cause.number] for cause in before]
        if self._boot is not None and not self._runs:
            self.tell(
                "interrupted-boot",
                WARNING,
                "a start was interrupted by another",
                "Do not reset the module or cut its power in the first second: it writes its "
                "configuration then, which may be damaged (WIND 65). Check that the power supply "
                "is strong enough",
                item,
            )
        elif asked is None and self._seen and not (self._updates and not before):
            if self._files:
                causes.append(
                    "files could not be opened or deleted before (51, 56), because its web server "
                    "had them open: write files less often, or switch ip_use_httpd off"
                )
            for cause in before:
                cause.explained = True
            self.tell(
                "restart",
                ERROR,
                "the module restarted without a command (a reset by its pin looks the same)",
                _AFTER,
                item,
                causes,
            )
        self._files = False
        self._updates = max(0, self._updates - 1)

    def _firmware(self, item):
        build = item.fields[0] if item.fields else ""
        version = next((v for b, v in FIRMWARE.items() if build.startswith(b)), None)
        if version == "1.0.0":
            self.tell(
                "old-firmware",
                NOTE,
                f"its firmware is {version} ({build})",
                "1.1.0 mends several faults; spwf04 update brings it",
                item,
            )

    def _factory(self, item):
        item.explained = True
        why = _FACTORY.get(item.fields[0] if item.fields else "")
        self.tell(
            "factory-reset",
            ERROR,
            "its saved configuration is lost; it starts with that of the factory (WIND 65)",
            "Set network, rate and echo again. Check GPIO0, the reset line and the power supply. "
            "After AT+S.WCFG, restart the module and check that it has kept the settings",
            item,
            [why] if why else [],
        )

    def _configuration(self, item):
        item.explained = True
        reason = item.fields[0] if item.fields else ""
        if reason.isdigit() and int(reason) >= 10:
            self.tell(
                "console-strap",
                NOTE,
                f"WIND 7, reason {reason}: console_enabled asks for another console than its pin",
                "With GPIO9 high the module talks over SPI; leave that pin open for the UART",
                item,
            )
        else:
            self.tell(
                "configuration",
                ERROR,
                f"WIND 7, reason {reason or 'not given'}: the module does not start with this "
                "configuration",
                "Restore that of the factory: start it once with GPIO0 high, or send AT&F",
                item,
            )
