"""The MicroPython of the module, as far as it is played: PYTHON runs a script. [c.1]

A script of print() with constants, and of time.sleep(), is played. All else ends with low memory.
"""

import ast

from ..commands.registry import command
from ..parts.flash import RAM

# GUESS: all of it; only the name of the command and its argument are known
_LOW_MEMORY = 91


class _UnplayedError(Exception):
    """A script does what is not played."""


def _steps(text):
    """List what a script does: bytes that it prints, and numbers of ms that it sleeps. Raises
    _UnplayedError, SyntaxError or ValueError."""
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
    """Run a script from a file, that of python_script if none is named."""
    flash = module.flash
    key = flash.find(name or module.variables["python_script"], RAM)
    if key not in flash.files or key[0] not in flash.mounted:
        return 51
    try:
        steps = _steps(bytes(flash.files[key]))
    except (_UnplayedError, SyntaxError, TypeError, ValueError):
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
