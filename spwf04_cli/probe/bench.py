"""What an experiment works with."""

import contextlib
import re

from ..file_server import own_address
from ..output import Failure
from .experiment import LOST, Lost, Untried

_BOOT_S = 20
_LEAST = re.compile(r"\+WIND:[01]:")
# Bytes that fill a data phase that somebody left open, one after the other
_FILLERS = (1, 32, 512, 4096, 65536)
_RADIO_S = 6  # until the radio starts, if it does
_JOIN_S = 40
_RATES = (115200, 921600, 460800, 230400, 57600, 38400, 19200, 9600)


class Bench:
    """line: a Line. around: an Around. network: (name, password) or None. address: that of this
    computer, as the module reaches it; None: it is found once the module has joined. notes: what
    was seen and fits no reading, in words. echoes, radio: its echo, its radio is on when it
    starts.

    Between experiments the module is as after a start: its settings are those of its flash, and
    no socket is open. The echo is off.
    """

    def __init__(self, line, around, network=None, address=None):
        self.line = line
        self.around = around
        self.network = network
        self.address = address
        self.notes = []
        self.echoes = self.radio = True
        self._joined = False

    def note(self, text):
        """Note what was seen and fits no reading, or why a point shows in nothing here."""
        self.notes.append(text)

    # the module ---------------------------------------------------------------------------------
    def restart(self):
        """Restart the module by command, and switch its echo off. Return what was Said, until the
        radio has started (WIND 32). Lost if no module answers."""
        self.answer()
        said = self.try_restart()
        if not _LEAST.search(said.text):
            here = self.line.rate
            self.answer()
            if self.line.rate != here:  # its flash has another rate, at which it has started
                said = self.try_restart()
        if not _LEAST.search(said.text):
            raise Untried("the module did not restart")
        return said

    def try_restart(self, limit_s=_BOOT_S):
        """Send the command that restarts it, whatever comes of it; return what was Said."""
        self._joined = False
        self.line.drain()
        self.line.send(b"AT+S.RESET\r")
        return self.started(limit_s)

    def started(self, limit_s=_BOOT_S):
        """Wait until the module has started, and switch its echo off; return what was Said."""
        self._joined = False
        said = self.line.wait_wind(32, limit_s if self.radio else min(limit_s, _RADIO_S))
        if _LEAST.search(said.text):
            self.radio = said.wind(32) is not None
            if not self.radio:  # its flash says so
                self.line.say("WIFI=1")
                self.line.wait_wind(32, 10)
            command = "AT+S.SCFG=console_echo,0"
            self.echoes = command in self.line.say(command, limit_s=2).text
        return said

    def save(self):
        """Write all variables to the flash as they are, but the echo as it was there."""
        self.set("console_echo", int(self.echoes))
        self.done("WCFG", limit_s=20)
        self.set("console_echo", 0)

    def answer(self):
        """Have the module at its prompt, whatever was left undone; Lost if it answers nothing."""
        if self._prompt():
            return
        for size in _FILLERS:
            self.line.send(b"\n" * size + b"\r")
            if self._prompt():
                return
        here = self.line.rate
        for rate in _RATES:
            if rate != here and self.line.set_rate(rate):
                self.line.send(b"\r")  # what came at the wrong rate ends
                self.line.listen(0.2)
                if self._prompt():
                    return
        self.line.set_rate(here)
        raise Lost(LOST)

    def _prompt(self):
        return self.line.say("AT", limit_s=1.5).ok

    def status(self, variable):
        """The value of a status variable as text; Untried if it cannot be read."""
        return self._value("STS", variable)

    def get(self, variable):
        """The value of a variable as text; Untried if it cannot be read."""
        return self._value("GCFG", variable)

    def _value(self, command, variable):
        said = self.line.say(f"{command}={variable}")
        value = said.value(r"(?m)^[^\r\n]*?%s=([^\r\n]*)" % variable)
        if value is None:
            raise Untried(f"{variable} cannot be read: {said.end or 'no answer'}")
        return value.strip()

    def set(self, variable, value):
        """Set a variable until the next restart; Untried if it is refused."""
        said = self.line.say(f"SCFG={variable},{value}")
        if not said.ok:
            raise Untried(f"{variable} cannot be set: {said.end or 'no answer'}")

    def done(self, text, payload=b"", limit_s=10):
        """Do a command that must be OK; return what was Said. Untried if it is not."""
        said = self.line.say(text, payload, limit_s)
        if not said.ok:
            raise Untried(f"{text.split('=')[0]}: {said.end or 'no answer'}")
        return said

    # the network --------------------------------------------------------------------------------
    def join(self):
        """Join the network, if the module has not; return what was Said meanwhile, None if it
        has. Untried if that fails."""
        if self._joined:
            return None
        if self.network is None:
            raise Untried("no network was given")
        said = self.join_as(*self.network)
        if said.wind(24) is None:
            raise Untried("the network cannot be joined")
        self._joined = True
        if self.address is None:
            with contextlib.suppress(Failure):
                self.address = own_address(self.status("ip_ipaddr"))
        return said

    def join_as(self, name, password, settings=(), until=24, limit_s=_JOIN_S):
        """Begin to join a network; return what was Said until an indication, or limit_s. settings:
        more (variable, value)."""
        self.leave()
        self.done("SSIDTXT=" + name)
        if password:
            self.set("wifi_wpa_psk_text", password)
        self.set("wifi_priv_mode", 2 if password else 0)
        self.set("wifi_mode", 1)
        self.line.say("SCFG=ip_ntp_startup,0")  # else it changes a clock that was set
        for variable, value in settings:
            self.set(variable, value)
        self.line.drain()
        self.line.send(b"AT+S.WIFI=1\r")
        return self.line.wait_wind(until, limit_s)

    def leave(self):
        """Switch the radio off."""
        self._joined = False
        self.line.say("WIFI=0")

    # sockets ------------------------------------------------------------------------------------
    def open(self, port, kind="t", limit_s=40):
        """Open a socket to this computer; return its id. kind: t, u, or a name for TLS. Untried
        if it is refused."""
        said = self.try_open(port, kind, limit_s)
        number = said.value(r"AT-S\.On:[^:\r\n]*:(\d+)")
        if number is None:
            raise Untried(f"SOCKON: {said.end or 'no answer'}")
        return int(number)

    def try_open(self, port, kind="t", limit_s=40):
        """What is Said to SOCKON to this computer."""
        self.join()
        if self.address is None:
            raise Untried("this computer's address in the module's network is not known")
        return self.line.say(f"SOCKON={self.address},{port},,{kind}", limit_s=limit_s)

    def close(self, number):
        """Close a socket whatever waits in it. Untried if it does not close."""
        for _ in range(50):
            if self.line.say(f"SOCKC={number}").error != 77:
                return
            waiting = self.line.say(f"SOCKQ={number}").value(r"Query:(\d+)") or "1"
            self.line.say(f"SOCKR={number},{min(int(waiting), 730)}")
        raise Untried(f"socket {number} does not close")

    @contextlib.contextmanager
    def socket(self, port, kind="t"):
        """The id of a socket to this computer, closed at the end of the block."""
        number = self.open(port, kind)
        try:
            yield number
        finally:
            self.close(number)

    # power --------------------------------------------------------------------------------------
    def power_cycle(self):
        """Have the module switched off and on, and its echo off; return what was Said."""
        self.around.switch(False)
        self.line.drain()
        self.around.switch(True)
        return self.started()
