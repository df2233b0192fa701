"""The bench that `spwf04 sim` runs: modules on pseudo-terminals, which `--port sim` finds."""

import contextlib
import dataclasses
import os
import pathlib
import tempfile

from spwf04_sim.desk.serve import serve

from . import PASSWORD, SSID, https, world_file
from .note import Note, Taken


@dataclasses.dataclass
class Bench:
    """A bench that is running.

    ports: {name of a module: path}. found: True if --port sim leads to its first module; else
    why_not says why. server: "localhost:8443", and roots: the file of its CA; both None if the
    world is that of a file.
    """

    modules: list
    ports: dict = dataclasses.field(default_factory=dict)
    found: bool = False
    why_not: str = ""
    server: "str | None" = None
    roots: "str | None" = None

    @property
    def first(self):
        """The path of the first module that is switched on; None if none is."""
        on = [m.name for m in self.modules if m.powered]
        return self.ports[on[0]] if on else None


def run(
    on_ready,
    world=None,
    on_command=None,
    timing=None,
    ended=lambda: False,
    port=https.PORT,
    on_server=None,
    like=None,
):
    """Run the modules of a world file until ended() or Ctrl-C; without a file, one module, and a
    server that it can reach.

    on_ready(Bench) is called once all have their port. on_command, timing, on_server: as for
    serve(). like: the Quirks of all modules; None: those of the file. port: where the server of
    the bench listens if it can.
    """
    with contextlib.ExitStack() as stack:
        made = world_file(world)
        for module in made.modules:
            module.quirks = like or module.quirks
        bench = Bench(made.modules)
        note = _noted(stack, bench)
        if world is None:
            _with_server(stack, made.world, bench, note, port)

        def on_path(name, path):
            bench.ports[name] = path
            if len(bench.ports) == len(bench.modules):
                if note is not None and bench.first:
                    note.write({"process": os.getpid(), "port": bench.first})
                    bench.found = True
                on_ready(bench)

        serve(made, on_path, on_command, timing, ended, on_server)


def _noted(stack, bench):
    try:
        return stack.enter_context(Note())
    except Taken:
        bench.why_not = "another bench is running already, and --port sim leads to that one"
    except OSError as e:
        bench.why_not = f"--port sim cannot find this bench: {e}"
    return None


def _with_server(stack, world, bench, note, port):
    ca = https.authority()
    port = stack.enter_context(https.served(ca, port))
    world.route(https.NAME, port, ("127.0.0.1", port))
    if note is None:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="spwf04-"))
        path = pathlib.Path(folder) / "ca.pem"
        path.write_bytes(ca.cert_pem.bytes())
    else:
        path = note.put("ca.pem", ca.cert_pem.bytes())
    bench.server, bench.roots = f"{https.NAME}:{port}", str(path)


def tour(bench):
    """The commands that a person may type next, one after the other."""
    import shlex

    port = f"--port {'sim' if bench.found else bench.first}"
    roots = f"--roots {shlex.quote(bench.roots)}"
    return [
        f"spwf04 info {port}",
        f"spwf04 scan {port}",
        f"spwf04 join {SSID} --password {PASSWORD} {port}",
        f"spwf04 check {bench.server} {roots}",
        f"spwf04 trust {bench.server} {roots} {port}",
        f"spwf04 ca list {port}",
        f"spwf04 ls {port}",
        f"spwf04 time --set {port}",
        f"spwf04 doctor {port}",
        f"spwf04 shell {port}",
    ]
