"""Prepares one module of a bench, step by step, and records the result.

Rule 1: look first. What is as the plan wants it is not written again.
Rule 2: the module is restarted before and after. So what is read is what its flash holds, and no
        half of a setting is left, whatever happens.
Rule 3: whatever happens to one module changes nothing but its record.
"""

import hashlib
import time

from spwf04 import SPWF04
from spwf04.errors import LinkLost, ModuleError, NotFound, SPWF04Error

from .. import advice, output
from ..jobs.radio import info
from ..line.search import instead_of
from .plan import places, version
from .proof import Certificates
from .record import DONE, FAILED, INTERRUPTED, SILENT, SKIPPED, UNCHANGED, Record, moment
from .stop import Patient, Refused, Stopped

STEPS = ("reach", "firmware", "restart", "settings", "files", "network", "clock", "certificates")

_JOIN_MS = 20000  # in this time a module joins the network that it has saved
_CLOCK_S = 60  # a clock with a smaller difference is right
_AS_FLASH = "restarted, with what its flash holds"
UNKNOWN = "not known: switch it off and on"
UNTOUCHED = "not touched"
_AGAIN = "Switch it off and on, and run the plan again"


class Meter:
    """Counts the commands of a channel, and those that write flash."""

    def __init__(self, channel):
        self.commands = self.flash_writes = 0
        channel.on_sent = self._on_sent

    def _on_sent(self, exchange):
        self.commands += 1
        self.flash_writes += writes_flash(exchange.command)


def writes_flash(command):
    """True if a command line writes the module's flash: settings, the slot of certificates, files
    outside the RAM disk."""
    name, _, rest = command.strip().partition(b"=")
    name = name[5:].upper()
    if name == b"TLSCERT":
        return not rest.startswith(b"content,1")
    if name in (b"FSC", b"FSD", b"FSR"):
        return not rest.upper().startswith((b"2:/", b"D:/"))
    return name in (b"WCFG", b"FSU", b"FWUPDATE", b"FSUPDATE", b"WPAECERT")


class Preparation:
    """The work on one module. record: its Record."""

    def __init__(self, plan, bench, port):
        self.plan = plan
        self.bench = bench
        self.record = Record(port, plan=plan.digest)
        self.radio = None
        self._touched = False
        self._unsaved = []  # what was set and is not in flash yet, in words
        self._wanted = {}

    def run(self, opened):
        """Prepare the module and return its Record. opened: a context manager that gives (uart,
        clock)."""
        record = self.record
        try:
            with opened as (uart, clock):
                patient = Patient(clock, self.bench.stop)
                self.radio = radio = SPWF04(uart, clock=patient)
                patient.channel = radio.channel
                meter = Meter(radio.channel)
                begin = patient.ticks_ms()
                try:
                    self._guarded(self._prepare)
                finally:
                    patient.heedless = True
                    self._leave()
                    record.commands, record.flash_writes = meter.commands, meter.flash_writes
                    record.seconds = ((patient.ticks_ms() - begin) & 0x1FFFFFFF) / 1000
        except output.Failure as e:
            self._failed(e.what, e.todo)
            record.result, record.left = SILENT, UNTOUCHED
        except OSError as e:  # the port could not be closed: it was pulled out
            self._failed(str(e), "")
        record.finished = moment()
        if record.result in (DONE, UNCHANGED, SKIPPED):
            record.step = None
        return record

    def _guarded(self, function):
        record = self.record
        try:
            function()
        except Stopped:
            record.result = INTERRUPTED
        except Refused as e:
            self._failed(str(e), e.todo)
        except SPWF04Error as e:
            self._failed(*advice.told(e, **self._names()))
            if isinstance(e, LinkLost) and not isinstance(e, NotFound):
                record.todo = _AGAIN
            if isinstance(e, NotFound) and record.step == "reach":
                self._guarded(self._silent)
        except OSError as e:
            self._failed(str(e), "Check the adapter and its cable")
        except ValueError as e:  # the module's answer makes no sense
            self._failed(str(e), _AGAIN)
        except Exception as e:
            self.broken(e)

    def _silent(self):
        self._failed(*instead_of(self.radio, self.record.port))
        self.record.result = SILENT

    def _names(self):
        """What is known of the case, for advice."""
        network = self.plan.network
        return {"ssid": output.clean(network.ssid)} if network is not None else {}

    def broken(self, error):
        """The record after an exception that nobody expects."""
        self._failed(f"{type(error).__name__}: {error}", advice.sentence("report"))
        return self.record

    def _failed(self, what, todo):
        self.record.result = FAILED
        self.record.error = self.bench.masked(what)
        self.record.todo = todo

    def _prepare(self):
        for step in STEPS:
            self.record.step = step
            self.bench.at(self.record)
            if self.bench.stop.asked:
                raise Stopped
            getattr(self, "_" + step)()
            if self.record.result == SKIPPED:
                return
        self.record.result = DONE if self.record.changed else UNCHANGED

    def _leave(self):
        """Restart the module, so that it has what its flash holds."""
        if not self._touched or self.bench.stop.given_up:
            self.record.left = UNKNOWN if self._touched else self.record.left
            return
        try:
            self.radio.reset()
            self.record.left = _AS_FLASH
        except (OSError, Stopped) as e:
            self.record.left = UNKNOWN
            if self.record.result in (DONE, UNCHANGED):
                self.record.step = "leave"
                why = advice.told(e)[0] if isinstance(e, SPWF04Error) else str(e)
                what = f"all is done, but the module did not restart: {why}"
                self._failed(what, "Switch it off and on")

    # the steps -------------------------------------------------------------------------------
    def _reach(self):
        record = self.record
        try:
            self._identify()
        except (ValueError, SPWF04Error) as e:
            if type(e) not in (ValueError, SPWF04Error):
                raise
            # It was a reply to an older command: start again
            self.radio.channel.lose()
            self._identify()
        record.left = UNTOUCHED
        other = self.bench.claim(record.key, record.port)
        if other is not None:
            raise Refused(
                f"the module at {other} has the same serial number and MAC address",
                "Prepare them one after the other, unless both names are one port",
            )
        if self.bench.finished(record):
            record.result = SKIPPED

    def _identify(self):
        found, record = info(self.radio), self.record
        record.serial, record.mac, record.model = found["serial"], found["mac"], found["model"]
        record.firmware, record.build = found["fw_version"], found["build"]
        if record.key is None:
            raise ValueError("the module does not tell its serial number or MAC address")

    def _firmware(self):
        least = self.plan.firmware
        here = version(self.record.firmware)
        if least and not here:
            raise Refused(
                f"its firmware calls itself {self.record.firmware!r}, which is no version"
            )
        if least and here < least:
            raise Refused(
                f"its firmware is {self.record.firmware}, the plan wants "
                f"{'.'.join(map(str, least))} or later",
                "Update it with spwf04 update, then run the plan again",
            )

    def _restart(self):
        self._touched = True
        self.radio.reset()

    def _settings(self):
        self._wanted = self.plan.wanted(places(self.record.serial, self.record.mac))
        for name in self.plan.implied:
            if not self._has(name):  # the plan has not asked for it by its name
                del self._wanted[name]
        for name, value in self._differing():
            self.radio.set(name, value)
            shown = self.radio.get(name)
            if not _equal(shown, value):
                raise Refused(f"{name} was set to {value!r}, and the module shows {shown!r}")
            self._unsaved.append(f"{name} = {value}")
        if self._unsaved and not (self.plan.network and self.plan.network.keep):
            self._save()

    def _has(self, name):
        try:
            self.radio.get(name)
        except ModuleError as e:
            if e.code != 4:
                raise
            return False
        return True

    def _differing(self):
        wanted = self._wanted.items()
        return [(name, value) for name, value in wanted if not _equal(self.radio.get(name), value)]

    def _save(self):
        """Save the settings in flash, and check that the module has them after a restart."""
        # The driver has the echo off. Saved so, it would never again hear of a restart by it.
        self.radio.set("console_echo", 1)
        self.radio.save()
        self.record.changed += self._unsaved
        self._unsaved = []
        self.radio.reset()
        lost = [name for name, _ in self._differing()]
        if lost:
            raise Refused(
                f"it did not keep {', '.join(lost)} over a restart",
                "A weak power supply can be the cause: check it, then run the plan again",
            )

    def _network(self):
        network, radio = self.plan.network, self.radio
        if network is None:
            return
        if not network.keep:  # until the module is restarted: it was saved without
            radio.connect(network.ssid, network.password)
        elif not self._joins_by_itself(network):
            radio.connect(network.ssid, network.password)
            self._unsaved.append(f"network {network.ssid}")
        if network.keep and self._unsaved:
            self._save()
            if not self._joins_by_itself(network):
                raise Refused(
                    f"{network.ssid} was joined and saved, but not joined again after a restart",
                    "Run the plan again. If it happens again, check the power supply",
                )
        self.record.network = {
            "ssid": network.ssid,
            "address": radio.ipv4_address,
            "rssi": radio.rssi,
        }

    def _joins_by_itself(self, network):
        radio = self.radio
        if radio.get("wifi_ssid") != network.ssid:
            return False
        return radio.channel.wait(radio.isconnected, _JOIN_MS)

    def _files(self):
        for wanted in self.plan.files:
            data = wanted.content(places(self.record.serial, self.record.mac))
            digest = hashlib.sha256(data)
            if not self.radio.files.same(wanted.name, digest.digest()):
                self.radio.files.put(wanted.name, data)
                self.record.changed.append(f"file {wanted.name}")
            self.record.files.append(
                {"name": wanted.name, "size": len(data), "sha256": digest.hexdigest()}
            )

    def _clock(self):
        plan, radio = self.plan, self.radio
        if plan.clock is None or abs(radio.time() - time.time()) <= _CLOCK_S:
            return
        if plan.clock == "pc":
            radio.set_time(int(time.time()))
        elif not radio.ntp(30):
            raise Refused(
                "no NTP server answered", 'clock = "pc" in the plan takes this computer\'s time'
            )

    def _certificates(self):
        Certificates(self).run()


def _equal(shown, wanted):
    """True if the module shows the value that is wanted: the same text, or the same number."""
    if shown == wanted:
        return True
    try:
        return int(shown, 0) == int(wanted, 0)
    except ValueError:
        return False
