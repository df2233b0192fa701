"""How a module is reached from this computer: what --port takes, and how a port is found.

/dev/ttyUSB0, COM3    a serial port, by pyserial
blinka:TX,RX          two pins of this computer's header, by Adafruit Blinka
sim                   a simulated module, factory-fresh for each command
sim:WORLD.toml#NAME   a module of a world file; without #NAME its first
"""

import contextlib
import errno
import fnmatch
import glob
import re

from . import output, simulated
from .output import NO_MODULE

# USB ids of boards with MicroPython: the Pico, and MicroPython's own STM32 boards
_BOARDS = ((0x2E8A, 0x0005), (0xF055, 0x9800), (0xF055, 0x9801), (0xF055, 0x9802))

# COM3, com3, \\.\COM12, or a pattern of such names: Windows has no files of these names
_COM = re.compile(r"(\\\\\.\\)?COM[\d*?\[\]!-]+", re.I)
_WINDOWS_ERRORS = {"FileNotFoundError": 2, "PermissionError": 16}  # as pyserial words them

# name -> SimulatedModule that stands in for the port of that name, in tests
STAND_INS = {}


@contextlib.contextmanager
def opened(name, baud=115200, debug=None, live=False):
    """A radio at a port until the block ends. Nothing is sent yet.

    name: see above. baud: bit/s. debug: a function that is called with each line on the UART.
    live: a simulated module keeps real time; else its time passes as fast as it can.
    output.Failure if there is no such port.
    """
    from spwf04 import SPWF04

    with wired(name, baud, live) as (uart, clock):
        try:
            yield SPWF04(uart, clock=clock, debug=debug)
        except OSError as e:
            if not _of_the_port(e):
                raise
            raise output.Failure(
                f"the line was lost: {e}", "Check that the adapter is still connected.", NO_MODULE
            ) from None


def _of_the_port(error):
    """True if an exception came from the serial port, not from the module or a file."""
    if type(error).__module__.startswith("serial"):
        return True
    own = type(error) is OSError and error.filename is None
    return own and error.errno in (errno.EIO, errno.ENXIO, errno.ENODEV, errno.EBADF)


@contextlib.contextmanager
def wired(name, baud=115200, live=False):
    """(UART, clock) of a port until the block ends; clock None: the computer's. As opened()."""
    if name in STAND_INS:
        module = STAND_INS[name]
        yield module.uart("pyserial"), module.clock
    elif name == "sim" or name.startswith("sim:"):
        module = simulated.switched_on(live, name[4:])
        try:
            yield module.uart("pyserial"), module.clock
        finally:
            module.power_off()
    else:
        uart = _blinka(name[7:], baud) if name.startswith("blinka:") else _serial(name, baud)
        try:
            yield uart, None
        finally:
            getattr(uart, "deinit", getattr(uart, "close", None))()


def _serial(name, baud):
    import serial

    try:
        return serial.Serial(name, baud, timeout=0, write_timeout=5, exclusive=True)
    except (serial.SerialException, ValueError) as e:
        raise output.Failure(
            f"{name} cannot be opened: {_why(e)}", _advice(e), NO_MODULE
        ) from None


def of_windows(name):
    """True if this is what Windows calls a serial port, or a pattern of such names."""
    return _COM.fullmatch(name) is not None


def matching(pattern):
    """The sorted names of the ports that fit a pattern; output.Failure if none does."""
    if of_windows(pattern):
        bare = pattern[pattern.upper().index("COM") :].upper()
        names = [p.device for p in serial_ports() if fnmatch.fnmatchcase(p.device.upper(), bare)]
    else:
        names = sorted(glob.glob(pattern))
    if not names:
        there = ", ".join(port.device for port in serial_ports()) or "none"
        raise output.Failure(f"no port is called {pattern}", "Serial ports: " + there, NO_MODULE)
    return names


def _why(error):
    number = getattr(error, "errno", None) or 0
    for name, meant in _WINDOWS_ERRORS.items():
        if not number and f": {name}(" in str(error):
            number = meant
    known = {2: "no such port", 13: "permission denied", 16: "another program has it open"}
    if "exclusively lock" in str(error):
        number = 16
    return known.get(number, str(error))


def _advice(error):
    if getattr(error, "errno", None) == 13:
        return "On Linux: add yourself to the group that owns the port, dialout for example."
    there = [port.device for port in serial_ports()]
    if not there:
        return "No serial port was found. --port sim tries the command without a module."
    return "Serial ports here: " + ", ".join(there)


def _blinka(text, baud):
    names = text.split(",")
    try:
        import board
        import busio
    except (ImportError, NotImplementedError) as e:
        raise output.Failure(
            f"Blinka cannot be used here: {e}", "pip install adafruit-blinka", NO_MODULE
        ) from None
    if len(names) != 2 or not all(name and hasattr(board, name) for name in names):
        there = [name for name in dir(board) if name.isupper() or name.startswith("D")]
        raise output.Failure(
            f"blinka:{text}: not two pins of this board",
            "blinka:TX,RX, with names of board: " + ", ".join(there),
            NO_MODULE,
        )
    tx, rx = [getattr(board, name) for name in names]
    return busio.UART(tx, rx, baudrate=baud, timeout=0, receiver_buffer_size=1024)


def serial_ports():
    """This computer's serial ports that a module may be at, as pyserial describes them."""
    from serial.tools.list_ports import comports

    return sorted(port for port in comports() if port.vid is not None)


def is_board(port):
    """True if a port is a board with MicroPython, and not a USB adapter."""
    words = f"{port.description} {port.manufacturer or ''} {port.product or ''}".lower()
    return "micropython" in words or (port.vid, port.pid) in _BOARDS


def found():
    """The name of the only USB adapter, for a command without a port. output.Failure if there are
    several, or none."""
    there = serial_ports()
    adapters = [port for port in there if not is_board(port)]
    if len(adapters) == 1:
        output.note(f"Using {adapters[0].device} ({adapters[0].description}).")
        return adapters[0].device
    if there:
        names = "; ".join(
            f"{'--via-mcu' if is_board(port) else '--port'} {port.device} ({port.description})"
            for port in there
        )
        many = len(adapters) > 1
        raise output.Failure(
            "there are several serial ports" if many else "there is no USB adapter",
            f"Name one: {names}" if many else f"There is a MicroPython board: {names}",
            NO_MODULE,
        )
    raise output.Failure(
        "no serial port was found",
        "Connect the USB adapter, or name its port with --port. --port sim tries the command "
        "without a module.",
        NO_MODULE,
    )
