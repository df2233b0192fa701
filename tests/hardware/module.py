"""A real module for the scenarios: opened, made ready for each of them, left as it was."""

import contextlib
import re
import socket

import pytest

from spwf04 import SPWF04
from spwf04_cli.output import Failure
from tests.hardware.bench import ModuleBench
from tests.hardware.hooks import Hooks
from tests.hardware.world import Hosts
from tests.shims import servers

# In what TLSCERT=content,1 says of a slot that is not empty, in any of its readings: how many
# things there are, their names, or a key identifier
_IN_SLOT = re.compile(r"^\s*[1-9]\d*\s*$|\b(ca|cert|key|auth)\b|([0-9a-f]{2}:?){20}", re.I)


class RealModule:
    """device: a serial port. clock: as of SPWF04. network: (SSID, password). address: of this
    computer, as the module sees it; None: it is found. readings: see Hooks. may_write: files and
    certificates may be written.

    OSError if the module, or its network, cannot be used.
    """

    def __init__(self, device, clock, network, address=None, readings=None, may_write=False):
        servers.HERE[0] = "0.0.0.0"
        self.readings = readings or {}
        self.may_write = may_write
        self._device = device
        self._clock = clock
        self._network = network
        self._written = False
        radio = self._fresh()
        radio.connect(*network)
        self.address = address or _facing(radio.ipv4_address)
        if may_write:
            _must_be_empty(radio)
        self._hosts = Hosts(lambda: self.address)
        self._hooks = Hooks(self._hosts, self.readings)

    def _fresh(self):
        """Restart the module; return a driver whose module is in no network."""
        radio = SPWF04(self._device, clock=self._clock)
        radio.reset()
        if radio.get("wifi_mode") != "0":  # it may be joining the network that it has saved
            radio.disconnect()
            radio.set("wifi_mode", 0)
            radio.radio_up = False
            radio.channel.command(b"AT+S.WIFI=1\r")
            radio.channel.wait(lambda: radio.radio_up, 3000)
        return radio

    def run(self, function):
        """Run a scenario."""
        radio = self._fresh()
        if self._written:
            _clean(radio)
        bench = ModuleBench(
            self._device, self._clock, self._call, self._network, self.may_write, self._hosts
        )
        self._hooks.bench = bench
        try:
            function(bench)
        finally:
            self._written = self._written or bench.written
            self._hooks.rest()

    def _call(self, name, *arguments):
        return getattr(self._hooks, name)(*arguments)

    def leave(self):
        """Remove what scenarios have written, and restart the module: nothing was saved."""
        radio = self._fresh()
        if self._written:
            _clean(radio)
        radio.reset()
        self._hosts.close()


def _facing(ip):
    """This computer's address on the way to another one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((ip, 9))
        return sock.getsockname()[0]


def _must_be_empty(radio):
    """--write-flash removes all files and CAs at the end: so none may be somebody's."""
    there = [name for name, _, volume in radio.files.list() if volume in "ID"]
    there += [entry.subject or entry.ski for entry in radio.certs.list()]
    lines, _ = radio.channel.lines(b"AT+S.TLSCERT=content,1\r")
    there += [line for line in lines if _IN_SLOT.search(line.partition(":")[2])]
    if there:
        pytest.exit(
            "--write-flash removes what is on the module, and this is there: " + ", ".join(there),
            returncode=4,
        )


def _clean(radio):
    radio.certs.clear()
    for name, _, volume in radio.files.list():
        if volume in "ID":
            with contextlib.suppress(OSError):
                radio.files.remove(("1:/" if volume == "I" else "2:/") + name)


@contextlib.contextmanager
def opened(config):
    """The RealModule of pytest's options until the block ends. pytest ends if it cannot be used:
    else each scenario would try again."""
    given = config.getoption
    with contextlib.ExitStack() as stack:
        try:
            device, clock = stack.enter_context(_line(given))
            module = RealModule(
                device,
                clock,
                (given("--ssid"), config.module_password),
                given("--address"),
                config.module_readings,
                given("--write-flash"),
            )
        except (OSError, Failure) as e:
            pytest.exit(f"the module cannot be used: {e}", returncode=4)
        yield module
        module.leave()


@contextlib.contextmanager
def _line(given):
    """(serial port, clock) of the module."""
    if given("--port") is not None:
        from spwf04_cli.ports import wired

        with wired(given("--port"), given("--baud"), True) as line:
            yield line
        return
    from spwf04_cli.mcu.link import opened as behind
    from spwf04_cli.mcu.wire import Wire

    with behind(given("--via-mcu"), given("--board")) as mcu:
        wire = Wire(mcu)
        yield wire, wire
