"""The firmware that a file of boards/ meets: its modules, as a row of tools/boards.toml has them.

The modules are wired to a simulated module. They have the pins of the row and of the stubs, and no
others: a file that asks for another pin, or for what a firmware does not take, fails here too.
"""

import contextlib
import functools
import importlib.metadata
import pathlib
import re
import sys
import types
import unittest.mock

from spwf04 import SPWF04
from spwf04_sim import SimulatedModule, VirtualClock, World
from tests.shims.micropython import ROOT

FOLDER = ROOT / "boards"


def stubs(path):
    """The text of a file of circuitpython-stubs."""
    found = importlib.metadata.distribution("circuitpython-stubs").locate_file(path)
    return pathlib.Path(str(found)).read_text()


def stub_pins(name):
    """The pins of a board in circuitpython-stubs, a set of names."""
    text = stubs(f"board_definitions/{name}/__init__.pyi")
    return set(re.findall(r"^(\w+): microcontroller\.Pin", text, re.M))


class Firmware:
    """asked: what the file asked for. module: the simulated module that is wired to it."""

    def __init__(self, port, pins, machine=None):
        world = World()
        world.add_access_point("home", "correct horse")
        self.module = SimulatedModule(world, clock=VirtualClock())
        self.module.power_on()
        self.asked = {}
        self.machine = machine
        made = {
            "stm32": self._stm32,
            "rp2": self._numbered,
            "esp32": self._numbered,
            "mimxrt": self._named,
            "circuitpython": self._circuitpython,
            "blinka": self._blinka,
        }
        self._modules = made[port](set(pins))

    # MicroPython ----------------------------------------------------------------------------
    def _stm32(self, pins):
        """Firmware has the pins of a UART; Pin.cpu has those of the processor."""
        found = self._named(set())
        found["machine"].Pin.cpu = types.SimpleNamespace(**{pin: (pin,) for pin in pins})
        return found

    def _named(self, pins):
        """Firmware has the pins of a UART; a Pin has a name."""

        def uart(number, *, baudrate, rxbuf):
            return self._uart(uart=number, baudrate=baudrate, rxbuf=rxbuf)

        return {"machine": types.SimpleNamespace(UART=uart, Pin=self._pin(pins))}

    def _numbered(self, pins):
        """A program names the pins of a UART by number."""

        def uart(number, *, baudrate, tx, rx, rxbuf):
            names = {"tx": tx.name, "rx": rx.name}
            return self._uart(uart=number, baudrate=baudrate, rxbuf=rxbuf, **names)

        return {"machine": types.SimpleNamespace(UART=uart, Pin=self._pin({int(p) for p in pins}))}

    def _uart(self, **asked):
        self.asked.update(asked)
        return self.module.uart("machine", rx_size=asked["rxbuf"])

    def _pin(self, pins):
        firmware = self

        class Pin:
            OPEN_DRAIN = "open drain"
            cpu = types.SimpleNamespace()

            def __init__(self, name, mode=None, value=None):
                if isinstance(name, tuple):  # one of Pin.cpu
                    (name,) = name
                elif name not in pins:
                    raise ValueError("invalid pin")
                self.name = str(name)
                if mode is not None:
                    firmware.asked.update(reset=self.name, mode=mode, value=value)

            def __call__(self, level):
                firmware.module.reset_pin(level)

        return Pin

    # CircuitPython --------------------------------------------------------------------------
    def _circuitpython(self, pins):
        firmware = self

        def uart(tx, rx, *, baudrate, timeout, receiver_buffer_size):
            firmware.asked.update(tx=tx, rx=rx, baudrate=baudrate, timeout=timeout)
            firmware.asked["rxbuf"] = receiver_buffer_size
            return firmware.module.uart("busio", rx_size=receiver_buffer_size)

        class DigitalInOut:
            def __init__(self, pin):
                firmware.asked["reset"] = pin

            def switch_to_output(self, value, drive_mode):
                firmware.asked.update(value=int(value), mode=drive_mode)

            @property
            def value(self):
                return True

            @value.setter
            def value(self, level):
                firmware.module.reset_pin(level)

        return {
            "board": types.SimpleNamespace(**{pin: pin for pin in pins}),
            "busio": types.SimpleNamespace(UART=uart),
            "digitalio": types.SimpleNamespace(
                DigitalInOut=DigitalInOut,
                DriveMode=types.SimpleNamespace(OPEN_DRAIN="open drain"),
            ),
        }

    def _blinka(self, pins):
        """pyserial, and a pin that is no open drain."""
        firmware = self

        def serial(port, baudrate, timeout):
            firmware.asked.update(port=port, baudrate=baudrate, timeout=timeout)
            return firmware.module.uart("pyserial")

        class DigitalInOut:
            def __init__(self, pin):
                firmware.asked["reset"] = pin

            def switch_to_input(self):
                firmware.module.reset_pin(1)

            def switch_to_output(self, value):
                assert value is False, "it must never drive RESET high"
                firmware.module.reset_pin(0)

        return {
            "serial": types.SimpleNamespace(Serial=serial),
            "board": types.SimpleNamespace(**{pin: pin for pin in pins}),
            "digitalio": types.SimpleNamespace(DigitalInOut=DigitalInOut),
        }

    # The file -------------------------------------------------------------------------------
    @contextlib.contextmanager
    def _running(self):
        """What stands in sys.modules and in spwf04 while the file runs."""
        clocked = functools.partial(SPWF04, clock=self.module.clock)
        with unittest.mock.patch.dict(sys.modules, self._modules):
            with unittest.mock.patch("spwf04.SPWF04", clocked, create=True):
                yield

    def radio(self, file, **arguments):
        """What radio() of a file of boards/ returns."""
        names = {"__name__": file}
        with self._running():
            source = (FOLDER / f"{file}.py").read_text()
            exec(compile(source, f"{file}.py", "exec"), names)
            implementation = types.SimpleNamespace()
            if self.machine is not None:
                implementation._machine = self.machine
            names["sys"] = types.SimpleNamespace(implementation=implementation)
            return names["radio"](**arguments)
