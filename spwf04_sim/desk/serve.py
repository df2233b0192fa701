"""Simulated modules on pseudo-terminals, for python -m spwf04_sim and spwf04 sim."""

import contextlib
import time

from .pty import PtyPort


def serve(world_file, on_path, on_command=None, timing=None, ended=lambda: False, on_server=None):
    """Run all modules of a worldfile.WorldFile in real time until ended() or KeyboardInterrupt.

    on_path(name, path) is called once for each module. on_command(name, line) is called for each
    command that a module gets; secrets are masked. on_server(port, (host, port)) is called when a
    module begins to listen on a port: that is where it really listens. timing: the Timing of
    modules whose file has none.

    Raises NoTerminals on Windows, and the exception that ended a module's thread.
    """
    modules = [(m.name, m.build(timing=timing)) for m in world_file.modules]
    shown = [0] * len(modules)
    listening = {}
    lines = []
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as stack:
        for name, module in modules:
            lines.append(stack.enter_context(PtyPort(module)))
            on_path(name, lines[-1].path)
        over = False
        while not over:
            time.sleep(0.05)
            over = ended() or any(line.failure is not None for line in lines)
            for n, (name, module) in enumerate(modules if on_command else ()):
                while shown[n] < len(module.log):
                    on_command(name, command(module.log[shown[n]]))
                    shown[n] += 1
            before, listening = listening, dict(world_file.world.listening)
            for port, address in listening.items() if on_server else ():
                if before.get(port) != address:
                    on_server(port, address)


def command(line):
    """Make a line of a module's log fit for a screen. A line that is no command may be anybody's
    data: only its size is shown."""
    if line[:2].upper() != "AT" and not line.startswith("("):
        return f"({len(line)} bytes that are no command)"
    return "".join(c if c.isprintable() else "\\x%02x" % ord(c) for c in line)
