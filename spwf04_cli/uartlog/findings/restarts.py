"""Restarts that nobody asked for, boots that end early, configurations that are lost. [b, k.8]"""

from spwf04_sim.parts.tables import FIRMWARE

from ..decode import ERROR as FAILED
from ..finding import ERROR, NOTE, WARNING
from .rule import Rule

_CAUSES = {
    4: "its memory was short (WIND 4): close sockets, send less at a time",
    5: "its radio hardware failed (WIND 5)",
    6: "its watchdog had waited in vain (WIND 6)",
    8: "its firmware had crashed (WIND 8)",
    9: "its firmware ran out of stack (WIND 9)",
    10: "its firmware ran out of memory (WIND 10): close sockets, send less at a time",
    31: "an exception in its firmware (WIND 31)",
}
_AFTER = (
    "Its sockets are closed, files on its RAM disk, clock and unsaved settings are gone: join "
)
_AFTER += "and connect again. If it happens often, look at the power supply"
_FACTORY = {
    "0": "GPIO0 was high at the start, or the reset line is unstable",
    "1": "what was saved is damaged: power or reset fell into the first second of a start, or "
    "into AT+S.WCFG",
}


class Restarts(Rule):
    """Follows the module through its starts."""

    def __init__(self, recording):
        super().__init__(recording)
        self._seen = False  # something came before
        self._asked = None  # the command that restarts it
        self._boot = None  # WIND 1 was seen, WIND 0 not yet
        self._causes = []
        self._files = False  # files could not be opened or deleted

    def exchange(self, item):
        self._seen = True
        if item.name == "RESET":
            self._asked = item
        elif item.name == "FWUPDATE":
            self._asked = self._asked or item
        if item.result == FAILED and item.code in (51, 56):
            self._files = True

    def rubbish(self, item):
        self._seen = True

    def indication(self, item):
        if item.number == 1:
            self._started(item)
            self._boot = item
            self._firmware(item)
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
        if item.number in _CAUSES:
            self._causes.append(item)
        self._seen = self._seen or item.number not in (7, 2)  # WIND 7 and 2 come before WIND 1

    def end(self):
        if self._asked is not None and self._asked.name == "RESET" and self.recording.both:
            self.tell(
                "silent-reset",
                WARNING,
                "nothing came after AT+S.RESET",
                "If the log does not just end there: the module drives its own RESET line then; a "
                "push-pull output of the host that holds it high blocks the reset. Make it open "
                "drain, or an input while idle",
                self._asked,
            )

    def _started(self, item):
        asked, self._asked = self._asked, None
        before, self._causes = self._causes, []
        causes = [_CAUSES[cause.number] for cause in before]
        if self._boot is not None:
            self.tell(
                "interrupted-boot",
                WARNING,
                "a start was interrupted by another one",
                "Do not reset it, or cut its power, in the first second: its configuration is "
                "written then, and may be damaged (WIND 65). Is the power supply strong enough?",
                item,
            )
        elif asked is None and self._seen:
            if self._files:
                causes.append(
                    "files could not be opened or deleted before (51, 56): its web server had "
                    "them open; rewrite files less often, or switch ip_use_httpd off"
                )
            for cause in before:
                cause.explained = True
            self.tell(
                "restart",
                ERROR,
                "the module restarted, and nobody had asked it to (a reset by its pin looks the "
                "same)",
                _AFTER,
                item,
                causes,
            )
        self._files = False

    def _firmware(self, item):
        build = item.fields[0] if item.fields else ""
        version = next((v for b, v in FIRMWARE.items() if build.startswith(b)), None)
        if version == "1.0.0":
            self.tell(
                "old-firmware",
                NOTE,
                f"its firmware is {version} ({build})",
                "1.1.0 mends several faults: spwf04 update",
                item,
            )

    def _factory(self, item):
        item.explained = True
        why = _FACTORY.get(item.fields[0] if item.fields else "")
        self.tell(
            "factory-reset",
            ERROR,
            "its saved configuration is gone, it starts with that of the factory (WIND 65)",
            "Network, rate and echo have to be set again. Check GPIO0, the reset line and the "
            "power supply; after AT+S.WCFG restart it and look whether it kept the settings",
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
                "With GPIO9 high it talks over SPI; leave that pin alone for the UART",
                item,
            )
        else:
            self.tell(
                "configuration",
                ERROR,
                f"WIND 7, reason {reason or 'not given'}: the module does not start with this "
                "configuration",
                "Start it once with GPIO0 high, which puts back that of the factory, or AT&F",
                item,
            )
