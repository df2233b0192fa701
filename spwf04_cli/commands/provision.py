"""provision: a bench of modules, prepared as a plan says."""

import json
import os
import pathlib
import threading
from typing import Annotated, Optional

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from .. import local, output
from ..frame import App
from ..password import password
from ..provisioning import plan, record
from ..provisioning.bench import Bench, expand
from ..provisioning.prepare import STEPS
from ..server.options import RootsOption
from ..session import CONNECTION
from ..times import plural

app = App()

_ENDINGS = (".json", ".csv")  # of a report


@app.command(epilog="Example: spwf04 provision plan.toml --port '/dev/ttyUSB*'")
def provision(
    plan_file: Annotated[
        str,
        typer.Argument(metavar="PLAN", help="A plan in TOML; examples/plan.toml shows every key."),
    ],
    port: Annotated[
        Optional[list[str]],
        typer.Option(
            "--port",
            "-p",
            metavar="PORT",
            rich_help_panel=CONNECTION,
            help="Instead of the plan's ports: a name, a pattern, sim*N for N simulated modules, "
            "or sim:WORLD.toml. May be repeated.",
        ),
    ] = None,
    jobs: Annotated[
        Optional[int],
        typer.Option(metavar="N", min=1, max=64, help="Work on this many modules at a time."),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Skip modules that an earlier run has finished under this plan."
        ),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Check the plan and the ports only; touch no module.")
    ] = False,
    report: Annotated[
        Optional[str],
        typer.Option(metavar="NAME", help="Write the report to NAME.json and NAME.csv."),
    ] = None,
    state: Annotated[
        Optional[str],
        typer.Option(metavar="FILE", help="The file that remembers modules between runs."),
    ] = None,
    roots: RootsOption = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            "-f",
            help="Overwrite a report with modules that the state file does not remember, or a "
            "file of its name that is no report.",
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as one JSON document.")
    ] = False,
):
    """Prepare a bench of modules as a plan says, with verified connections as the proof.

    The plan names settings, network, files, clock, certificates, and servers to connect to.
    What a module already has is not written again. A module that fails stops no other. Ctrl-C
    writes the report and leaves each module restarted, with what its flash holds; the same command
    then goes on.
    """
    made = _plan(plan_file, roots)
    found = expand(port or made.ports, made.baud)
    if not found:
        raise output.Failure(
            "no port is named",
            "Name ports in the plan, [bench] ports = [...], or with --port",
            output.USAGE,
        )
    if check:
        words = f"{plan_file} is in order. {plural(len(found), 'port')}."
        result = {"ok": True, "ports": [name for name, _ in found]}
        output.show(result, as_json, lambda _: output.say(words))
        return
    try:
        made.ask(os.environ, lambda network: password(None, network))
    except plan.PlanError as e:
        raise _refused(e) from None
    made.jobs = jobs or made.jobs
    base, known = _records(made, pathlib.Path(plan_file), report, state, force)
    began = record.moment()
    with Display([name for name, _ in found], as_json) as display:
        bench = Bench(made, known, display, resume)
        records = bench.run(found)
    _finish(record.report(made, began, records, known, bench.stop.asked), base, as_json)


def _records(made, here, report, state, force):
    """(path of the report without its ending, record.State). made: the plan, in the file here."""
    base = pathlib.Path(report or here.with_name(made.report or f"{here.stem}-report"))
    kept = pathlib.Path(state or here.with_name(made.state or f"{here.stem}-state.json"))
    local.free(kept, force=True)
    known = record.State(kept)
    for ending in _ENDINGS:
        path = pathlib.Path(f"{base}{ending}")
        local.free(path, force=True)
        if not force:
            record.keep(path, known)
    return base, known


def _finish(done, base, as_json):
    """Write the report, show it, and end with the exit code."""
    written = [f"{base}{ending}" for ending in _ENDINGS]
    record.write(written[0], json.dumps(done, indent=2) + "\n")
    record.write(written[1], record.as_csv(done))
    output.show(done, as_json, lambda _: _show(done, written))
    results = done["results"]
    if done["interrupted"]:
        raise typer.Exit(output.INTERRUPTED)
    if set(results) <= {record.SILENT}:
        raise typer.Exit(output.NO_MODULE)
    good = set(results) <= set(record.GOOD)
    raise typer.Exit(output.DONE if good else output.FAILED)


def _plan(file, roots):
    try:
        return plan.load(file, roots or ())
    except plan.PlanError as e:
        raise _refused(e) from None


def _refused(error):
    return output.Failure(
        f"the plan cannot be used; no module was touched\n{error}",
        "examples/plan.toml has every key with its meaning.",
        output.USAGE,
    )


def _show(done, written):
    results = ", ".join(f"{n} {result}" for result, n in done["results"].items())
    modules = plural(sum(done["results"].values()), "module")
    output.say(f"{modules}: {results}.", "bold")
    writes = done["flash_writes"]
    changed = f"{writes} of them to flash" if writes else "none to flash: nothing was changed"
    output.say(f"{plural(done['commands'], 'AT command')}, {changed}.")
    for todo, names in _todos(done).items():
        whom = names[0] if len(names) == 1 else plural(len(names), "module")
        output.say(f"For {whom}: {todo}.")
    output.say("Report: " + ", ".join(written))


def _todos(done):
    """{what to do: [for which modules]}"""
    found = {}
    for m in done["modules"]:
        if m["run"] == "this" and m["todo"]:
            found.setdefault(m["todo"], []).append(m["serial"] or m["port"])
    return found


_STYLES = {record.FAILED: "red", record.SILENT: "red", record.INTERRUPTED: "yellow"}


class Display:
    """What is shown while it runs: a line for each module that has ended, in the order of the
    ports. On a terminal, also a bar for each that is worked on, and one for all."""

    def __init__(self, ports, quiet):
        self._quiet = quiet
        self._turn = iter([*ports, None])
        self._next = next(self._turn)
        self._ended = {}  # port: its record, until it is its turn
        # One thread at a time has the screen, and none of rich's own: two garble it
        self._lock = threading.RLock()
        self._tasks = {}
        stage = output.stage()
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[step]}"),
            console=stage,
            transient=True,
            auto_refresh=False,
            disable=stage is None,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._moving = output.moving(self._bars)
        self._all = self._bars.add_task("modules", total=len(ports), step="")

    def __enter__(self):
        self._moving.__enter__()
        return self

    def __exit__(self, *what):
        self._moving.__exit__(*what)
        while self._next is not None:  # after Ctrl-C not all have ended
            self._tell()

    def on_step(self, done):
        """A module has come to a step."""
        with self._lock:
            name = output.clean(done.serial or done.port)
            at = STEPS.index(done.step)
            task = self._tasks.get(done.port)
            if task is None:
                task = self._tasks[done.port] = self._bars.add_task("", total=len(STEPS), step="")
            self._bars.update(task, completed=at, description=name, step=done.step, refresh=True)

    def on_end(self, done):
        """A module is finished, one way or another."""
        with self._lock:
            task = self._tasks.pop(done.port, None)
            if task is not None:
                self._bars.remove_task(task)
            self._bars.advance(self._all)
            self._ended[done.port] = done
            while self._next in self._ended:
                self._tell()

    def _tell(self):
        done = self._ended.pop(self._next, None)
        self._next = next(self._turn)
        if done is not None and not self._quiet:
            output.say(told(done), _STYLES.get(done.result, ""))

    def on_stop(self, given_up):
        """Ctrl-C was pressed."""
        text = (
            "Stopped at once. Switch the modules that were worked on off and on."
            if given_up
            else "Stopping: each module ends its command and is restarted. A second Ctrl-C stops "
            "at once."
        )
        with self._lock:
            output.note(text)


def told(done):
    """The line that tells of a module."""
    text = f"{done.serial} at " if done.serial else ""
    text += f"{done.port}: {done.result}"
    if done.error:
        where = f" at {done.step}" if done.result == record.FAILED else ""
        return f"{text}{where}: {done.error}"
    if done.result == record.INTERRUPTED:
        return f"{text} at {done.step}; {done.left}"
    return f"{text}: {'; '.join(done.changed)}" if done.changed else text
