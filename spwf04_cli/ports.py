"""How a module is reached from this computer: what --port takes, and how a port is found.

/dev/ttyUSB0, COM3    a serial port, by pyserial
rfc2217://host:4000   a serial port of another computer, by pyserial; its other URLs too
blinka:TX,RX          two pins of this computer's header, by Adafruit Blinka
sim                   the module of the running `spwf04 sim`, or one that is factory-fresh for each
                      command
sim:WORLD.toml#NAME   a module of a world file; without #NAME its first
"""

import contextlib
import errno
import fnmatch
import glob
import os
import re

from . import output, simulated, steps
from .output import NO_MODULE

# USB ids of boards with MicroPython: the Pico, MicroPython's own STM32 boards, ESP32-S2 and -S3
_BOARDS = (
    (0x2E8A, 0x0005),
    (0xF055, 0x9800),
    (0xF055, 0x9801),
    (0xF055, 0x9802),
    (0x303A, 0x4001),
)
_ADAFRUIT = 0x239A  # its boards come with CircuitPython

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
            todo = "Check that the adapter is still connected."
            if name == "sim":
                todo = "The bench may have ended. Begin another one: spwf04 sim"
            raise output.Failure(f"the line was lost: {e}", todo, NO_MODULE) from None


def _of_the_port(error):
    """True if an exception came from the serial port, not from the module or a file."""
    if type(error).__module__.startswith("serial"):
        return True
    own = type(error) is OSError and error.filename is None
    return own and error.errno in (errno.EIO, errno.ENXIO, errno.ENODEV, errno.EBADF)


@contextlib.contextmanager
def wired(name, baud=115200, live=False):
    """(UART, clock) of a port until the block ends; clock None: the computer's. As opened()."""
    if name == "sim":
        name = simulated.port()
    if name in STAND_INS:
        module = STAND_INS[name]
        yield module.uart("pyserial"), module.clock
    elif name.startswith("sim:"):
        if name[4:] and simulated.POSSIBLE:
            steps.not_kept("spwf04 sim " + steps.quoted([simulated.world_and_name(name[4:])[0]]))
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
        if "://" in name:  # what pyserial has for it may lack time limits and locks
            return serial.serial_for_url(name, baud, timeout=0)
        return serial.Serial(name, baud, timeout=0, write_timeout=5, exclusive=True)
    except (serial.SerialException, ValueError) as e:
        raise refused(name, e) from None


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


def refused(name, error):
    """The Failure for a port that cannot be opened. error: what pyserial or mpremote raised."""
    found = _KNOWN.get(_number(name, error) or 0)
    what, todo = found(name) if found else (str(error), _others())
    return output.Failure(f"{name} cannot be opened: {what}", todo, NO_MODULE)


def _number(name, error):
    """The errno of a port that cannot be opened. mpremote does not tell it, so the port is
    asked."""
    if "exclusively lock" in str(error):
        return errno.EBUSY
    if "Could not configure port" in str(error) or _is_a_file(name):
        return errno.ENOTTY
    number = getattr(error, "errno", None)
    if number:
        return number
    for kind, meant in _WINDOWS_ERRORS.items():
        if f": {kind}(" in str(error):
            return meant
    if os.name != "posix":
        return None
    if not os.path.exists(name):
        return errno.ENOENT
    if not os.access(name, os.R_OK | os.W_OK):
        return errno.EACCES
    return errno.EBUSY if holder(name) else None


def _is_a_file(name):
    """True if this is a file or a folder."""
    return os.path.isfile(name) or os.path.isdir(name)


def _missing(name):
    return "no such port", _others()


def _others():
    there = [port.device for port in serial_ports()]
    if not there:
        return "No serial port was found. --port sim tries the command without a module."
    return f"Serial ports here: {', '.join(there)}. spwf04 devs tells what is at each."


def _denied(name):
    return "permission denied", how_to_permit(name)


def _busy(name):
    by = holder(name)
    what = "another program has it open" + (f", {by}" if by else "")
    todo = (
        f"Close {by or 'that program'}, and try again. It may be a serial monitor (of Thonny, the "
        "Arduino IDE or an editor), a terminal program, or another spwf04."
    )
    return what, todo


def _no_port(name):
    return "it is no serial port", _others()


_KNOWN = {
    errno.ENOENT: _missing,
    errno.EACCES: _denied,
    errno.EPERM: _denied,
    errno.EBUSY: _busy,
    errno.ENOTTY: _no_port,
}


def how_to_permit(name):
    """What to do about a port that this user may not open."""
    try:
        import grp
        import pwd

        group = grp.getgrgid(os.stat(name).st_gid)
        user = pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, OSError, KeyError):
        return "On Linux: add yourself to the group that owns the port, dialout for example."
    if group.gr_name == "root":
        return f"Only root may open it. For this once: sudo chmod a+rw {name}"
    if user in group.gr_mem:
        return f"You are in its group, {group.gr_name}, but not yet in this session: log in anew."
    return f"Add yourself to its group, and log in anew: sudo usermod -aG {group.gr_name} {user}"


def holder(name):
    """Which program has a port open: "screen (process 4711)". None if that cannot be found: Linux
    tells it, of one's own programs."""
    port = os.path.realpath(name)
    for process in _listed("/proc"):
        files = f"/proc/{process}/fd"
        if not process.isdecimal() or int(process) == os.getpid():
            continue
        if any(_leads_to(f"{files}/{number}", port) for number in _listed(files)):
            return f"{_program(process)} (process {process})"
    return None


def _listed(folder):
    try:
        return os.listdir(folder)
    except OSError:  # not Linux, another user's, or it has ended
        return []


def _leads_to(link, port):
    try:
        return os.readlink(link) == port
    except OSError:
        return False


def _program(process):
    try:
        with open(f"/proc/{process}/comm", encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return "a program"


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


def every():
    """All serial ports of this computer, those on USB first; each {"port", "description", "usb",
    "serial", "kind", "state", "by", "next"}. No port is opened.

    kind: "adapter", "board" (with MicroPython), "circuitpython", or "other" without USB. state:
    "free", "busy" or "denied". by: the program that has it open, or None. next: what to type.
    """
    from serial.tools.list_ports import comports

    found = sorted(comports(), key=lambda port: (port.vid is None, port.device))
    return [_described(port) for port in found]


def _described(port):
    kind = "other"
    if port.vid is not None:
        kind = (
            "board" if is_board(port) else "circuitpython" if is_circuitpython(port) else "adapter"
        )
    by = holder(port.device)
    state = "busy" if by else "free"
    if os.name == "posix" and not os.access(port.device, os.R_OK | os.W_OK):
        state = "denied"
    todo = {
        "board": f"spwf04 info --via-mcu {port.device} --board "
        + ("pico" if (port.vid, port.pid) == _BOARDS[0] else "NAME"),
        "circuitpython": "The driver runs on it; --via-mcu takes boards with MicroPython",
    }.get(kind, f"spwf04 info -p {port.device}")
    if state == "busy":
        todo = f"Close {by}"
    if state == "denied":
        todo = how_to_permit(port.device)
    return {
        "port": port.device,
        "description": " ".join(_words(port)),
        "usb": None if port.vid is None else f"{port.vid:04x}:{port.pid:04x}",
        "serial": port.serial_number,
        "kind": kind,
        "state": state,
        "by": by,
        "next": todo,
    }


def _words(port):
    """What pyserial knows of a port: the maker, and its description unless that says "n/a"."""
    known = [port.manufacturer, port.description if port.description != "n/a" else port.product]
    return [word for word in known if word]


def is_circuitpython(port):
    """True if a port is a board with CircuitPython."""
    return port.vid == _ADAFRUIT or "circuitpython" in _text(port)


def is_board(port):
    """True if a port is a board with MicroPython, and not a USB adapter."""
    return "micropython" in _text(port) or (port.vid, port.pid) in _BOARDS


def _text(port):
    return f"{port.description} {port.manufacturer or ''} {port.product or ''}".lower()


def found():
    """The name of the only USB adapter, for a command without a port. output.Failure if there are
    several, or none."""
    there = serial_ports()
    adapters = [port for port in there if not is_board(port) and not is_circuitpython(port)]
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
