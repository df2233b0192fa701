"""Commands for ST's own use, and what else has no theme. [c.1]

No source shows a line of their replies.
"""

import ast

from ..parts.flash import RAM
from ..texts import is_number
from .net import connect
from .registry import command

_LOW_MEMORY = 91


@command("RANDOM")
def random_(module):
    module.reply(f"AT-S.Random:{module.random_number()}")


@command("RTOSSTS")
def rtossts(module):
    """Tell of its operating system. What it really tells is not known: its heap is told."""
    module.reply(f"AT-S.Heap:{module.heap.free()}:{module.heap.least()}")


@command("SSXSTS")
def ssxsts(module):
    """Tell of its network stack. What it really tells is not known: its open sockets are."""
    module.reply(f"AT-S.Sockets:{sum(s is not None for s in module.sockets)}")


# What Python raises for a text that is no script, or one with other arguments
_WRONG = (
    AttributeError,
    MemoryError,
    OverflowError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
)


# GUESS: all of PYTHON but its name and its argument
class _UnplayedError(Exception):
    """A script does what is not played."""


def _steps(text):
    """List what a script does: bytes that it prints, and numbers of ms that it sleeps. Raises
    _UnplayedError, or one of _WRONG."""
    found = []
    for line in ast.parse(text).body:
        if isinstance(line, (ast.Import, ast.ImportFrom, ast.Pass)):
            continue
        call = line.value if isinstance(line, ast.Expr) else None
        if isinstance(call, ast.Constant):
            continue
        if not isinstance(call, ast.Call):
            raise _UnplayedError
        name = ast.unparse(call.func).rpartition(".")[2]
        values = [ast.literal_eval(a) for a in call.args]
        if name == "print":
            more = {k.arg or "": ast.literal_eval(k.value) for k in call.keywords}
            words = more.get("sep", " ").join(map(str, values)) + more.get("end", "\n")
            found.append(words.replace("\n", "\r\n").encode())
        elif name in ("sleep", "sleep_ms") and len(values) == 1:
            found.append(int(values[0] * (1000 if name == "sleep" else 1)))
        else:
            raise _UnplayedError
    return found


@command("PYTHON", 0, 1)
def python(module, name):
    """Run a script from a file, that of python_script if none is named. print() with constants
    and time.sleep() are played; all else ends with low memory. [c.1]"""
    flash = module.flash
    key = flash.find(name or module.variables["python_script"], RAM)
    if key not in flash.files or key[0] not in flash.mounted:
        return 51
    try:
        steps = _steps(bytes(flash.files[key]))
    except (_UnplayedError, *_WRONG):
        return _LOW_MEMORY
    how = module.quirks.python_output
    if how == "after OK":
        ms = 5
        for step in steps:
            if isinstance(step, int):
                ms += step
            else:
                module.after(ms, module.emit, step)
        return None
    for step in steps:
        if isinstance(step, int):
            yield step
        elif how == "before OK":
            module.payload(step)
    return None


@command("NVW", 1, 1)
def nvw(module, data):
    """Write factory data: that needs a password of ST's, so every argument is a wrong one."""
    return 7


@command("MFGTEST", 0, 1)
def mfgtest(module, data):
    """Test it in the factory: there is no jig around this module."""
    return 110


@command("SELFTEST", 6, 6)
def selftest(module, magic, ip, port, count, size, kind):
    """Send so many packets to a server. Any magic number will do."""
    numbers = [int(t) if is_number(t) else 0 for t in (port, count, size)]
    if kind not in ("t", "u"):
        return 7
    if not all(numbers):
        return 33
    if numbers[0] > 65535 or numbers[2] > 1460:
        return 7
    if module.wifi.ip is None:
        return 44
    link, _, error = yield from connect(module, ip, numbers[0], kind)
    if error:
        return 110
    for _ in range(numbers[1]):
        if not link.send(bytes(numbers[2])):
            error = 110
            break
        yield 1
    link.close()
    return error
