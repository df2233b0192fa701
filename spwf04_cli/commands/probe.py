"""probe: finds out which reading each open point has on a module that somebody has."""

import contextlib
import datetime
import difflib
import re
import sys
from typing import Annotated, Any, Optional

import typer

from spwf04 import __version__
from spwf04.at.secret import open_variable
from spwf04.at.uart import UART
from spwf04.commands.baudrate import switch

from .. import output, simulated
from ..frame import App, did_you_mean
from ..line.search import look_for
from ..mcu.wire import radio
from ..password import Password, network_name, password
from ..probe import around, run
from ..probe.bench import Bench
from ..probe.experiment import NEEDS, NETWORK, SERVER, Lost, Untried
from ..probe.line import Line
from ..probe.points import points
from ..probe.report import MASK, Report, private
from ..probe.settings import Settings
from ..session import Baud, Board, Debug, Port, ViaMcu, one_way, session
from ..times import plural

app = App()

_FILE = "spwf04-probe.json"
_ASKED = [need for need in NEEDS if need not in (NETWORK, SERVER)]
_HERE = "192.168.1.10"  # what a simulated module takes for this computer
# Settings under which experiments do not see what they look for: {variable: what hides nothing}
_OPEN = {
    "console_delimiter": ("0x2c", ",", "44"),
    "console_verbose": ("1", "2"),
    "console_errs": ("2",),
    "console_winds": ("2",),
    "console_wind_off_low": ("0x00000000", "0"),
    "console_wind_off_medium": ("0x00000000", "0"),
    "console_wind_off_high": ("0x00000000", "0"),
}
# A setting as it is shown with any console_verbose
_SETTING = re.compile(r"(?m)^\0*(?:AT-S\.)?(?:Var:)?(console_\w+)=([^\r\n]*)")
_START = (
    "The module is restarted for each experiment: settings that were not saved, and what is in "
    "its RAM disk, are lost. Go on?"
)
_FIREWALL = (
    "For those that need servers here: have the firewall of this computer let connections in, or "
    "name its address in the module's network with --address. The same command then goes on."
)
_SEND = (
    'Please send it in: open an issue of the project, "Probe of" with the firmware\'s build, and '
    "attach the file. It is text; look through it first."
)


def _checked_needs(value: Optional[str]):
    for word in _words(value):
        if word not in (*_ASKED, "all"):
            raise typer.BadParameter(f"{word} is none of {', '.join(_ASKED)}, all")
    return value


def _words(value):
    return [word.strip() for word in (value or "").split(",") if word.strip()]


def _needs(value):
    """The set of needs of --allow."""
    words = _words(value)
    return set(_ASKED if "all" in words else words)


def _checked_points(value: Optional[list[str]]):
    for name in value or ():
        if name not in points():
            near = difflib.get_close_matches(name, points(), 2)
            raise typer.BadParameter(f"there is no open point {name}{did_you_mean(near)}")
    return value


@app.command(
    epilog="Example: spwf04 probe --port /dev/ttyUSB0\nExample: spwf04 probe --ssid home "
    "--allow disk,saves\nExample: spwf04 probe --port sim"
)
def probe(
    port: Port = None,
    via_mcu: ViaMcu = None,
    board: Board = None,
    baud: Baud = 115200,
    debug: Debug = False,
    ssid: Annotated[
        Optional[str],
        typer.Option(metavar="NAME", help="A network that the module may join."),
    ] = None,
    secret: Password = None,
    address: Annotated[
        Optional[str],
        typer.Option(
            metavar="ADDRESS", help="This computer's address in that network, if it is not found."
        ),
    ] = None,
    report: Annotated[
        str,
        typer.Option(metavar="FILE", help="Where the report is, and where a run goes on from."),
    ] = _FILE,
    only: Annotated[
        Optional[list[str]],
        typer.Option(
            metavar="POINT",
            help="Settle this open point only, even if the report has it. May be repeated.",
            callback=_checked_points,
        ),
    ] = None,
    allow: Annotated[
        Optional[str],
        typer.Option(
            metavar="WORDS",
            help="Do not ask whether this is allowed: " + ", ".join(_ASKED) + ", or all.",
            callback=_checked_needs,
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing: what --allow does not name is left out.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as one JSON document.")
    ] = False,
):
    """Find out which reading each open point of docs/unverified.md has on this module.

    Nobody who made the driver had a module at hand. This command does the experiments of that page
    on yours, and writes one file that settles them: what was found, and the lines that show it.
    Passwords, names of networks and serial numbers are masked in it.

    Harmless experiments come first. Before the first that writes to the module, puts signals on
    its pins, or needs your hands, you are asked. With --ssid the module joins a network, and
    connects to servers that this command starts on this computer. Afterwards the settings are as
    they were.

    Ctrl-C keeps what was found, and the same command goes on from there. The exit code is 1 if
    the module was left otherwise than it was, and 3 if no module answers.
    """
    chosen: dict[str, Any] = {"port": port, "via_mcu": via_mcu}
    one_way(chosen)
    network = None if ssid is None else (_raw(network_name(ssid)), _raw(password(secret, ssid)))
    made = Report(report, network or ())
    made.resume()
    asking = _Asking(_needs(allow), yes)
    with contextlib.ExitStack() as stack:
        chosen.update(board=board, baud=baud, debug=debug)
        bench = _bench(stack, chosen, asking, as_json)
        bench.network = network or bench.network
        bench.address = address or bench.address
        asking.network = bench.network is not None
        Settings(report).tell()
        asking.begin()
        probing = _Probing(bench, made, asking, as_json, debug)
        code = probing.all(set(only or points()), set(only or ()))
    output.show(made.document, as_json, lambda _: _summary(made))
    raise typer.Exit(code)


def _raw(text):
    """Text as Line sends it: a character for each byte."""
    data = text if isinstance(text, bytes) else (text or "").encode()
    return data.decode("latin-1")


class _Asking:
    """What a person allows. everything: nobody needs to be asked, for the module is simulated.
    simulated: the module is. network: one was named."""

    def __init__(self, allowed, yes):
        self._allowed = allowed
        self._yes = yes
        self.everything = self.simulated = False
        self.network = False

    @property
    def _somebody(self):
        return not self._yes and sys.stdin.isatty()

    def begin(self):
        """Ask whether the module may be restarted; output.Failure if nobody is there to say."""
        if self.everything or self._yes:
            return
        if not self._somebody:
            todo = "--yes asks nothing, and leaves out what --allow does not name."
            raise output.Failure("nobody is there to be asked", todo, output.USAGE)
        output.confirm(_START)

    def __call__(self, need):
        """True if an experiment may have what it needs."""
        if need in (NETWORK, SERVER):
            return self.network
        if self.everything or need in self._allowed:
            return True
        if not self._somebody:
            return False
        with _asked():
            question = f"The next experiments {NEEDS[need]}. Is that all right?"
            return typer.confirm(question, err=True)

    def by_hand(self, text):
        """Ask for something to be done by hand; True once it is done."""
        if not sys.stdin.isatty():
            raise Untried("nobody is there to do it by hand")
        with _asked():
            words = f"{text}. Enter once it is done, s to leave it out"
            typed = typer.prompt(words, default="", show_default=False, err=True)
        return not typed.strip().lower().startswith("s")


@contextlib.contextmanager
def _asked():
    """A block in which a person is asked. Ctrl-C ends the run there too, and leaves the module as
    it was."""
    with output.still():
        try:
            yield
        except typer.Abort:
            raise KeyboardInterrupt from None


def _bench(stack, connection, asking, quiet):
    """The Bench with the module. A simulated one does by itself what a hand would do."""
    name = connection["port"]
    if name == "sim":
        name = connection["port"] = simulated.port()
        asking.simulated = True
    if name is not None and name.startswith("sim:"):
        asking.everything = asking.simulated = True
        return _simulated(name)
    module = stack.enter_context(session(**connection))
    found = look_for(module, module.where, quiet)
    if found.rate is None:
        what = f"no SPWF04 answers on {module.where}: {found.instead.what}"
        todo = f"{found.instead.todo}. spwf04 doctor tests the line"
        raise output.Failure(what, todo, output.NO_MODULE)
    channel = (module.radio or radio(module)).channel
    line = Line(channel.uart, channel.clock, lambda rate: _changed(module, rate), found.rate)
    return Bench(line, around.Person(asking.by_hand))


def _changed(module, rate):
    """Change the rate of the port; False if it cannot be changed."""
    try:
        return module.call("set_rate", rate)
    except output.Failure:  # the UART of the board has no such method
        return False


def _simulated(name):
    """A Bench with a simulated module that is new, and its network."""
    module = simulated.switched_on(text=name[4:])
    uart = UART(module.uart("pyserial"))
    line = Line(uart, module.clock, lambda rate: switch(uart, rate) is None, module.speed)
    points_ = module.world.access_points
    network = (_raw(points_[0].ssid), _raw(points_[0].password)) if points_ else None
    return Bench(line, around.Simulated(module, _HERE), network, _HERE)


class _Probing:
    """The experiments on one module, and its report."""

    def __init__(self, bench, report, asking, quiet, debug):
        self._bench = bench
        self._report = report
        self._asking = asking
        self._quiet = quiet
        self._debug = debug
        self._kept = Settings(report.path)

    def all(self, wanted, again):
        """Do the experiments that settle the points of `wanted`, those of `again` even if the
        report has them; return the exit code."""
        report = self._report
        try:
            before = self._begin()
        except (Lost, Untried, OSError) as e:
            raise _lost(str(e)) from None
        wanted = {n for n in wanted if n not in report.found and n not in report.lost} | again
        plan = run.planned(wanted)
        with output.progress("experiments", len(plan), self._quiet) as advance:
            running = run.Run(
                self._bench, wanted, self._asking, self._show, lambda r: self._take(r, advance)
            )
            try:
                running()
            except KeyboardInterrupt:
                report.why(running.why)
                self._end(before)
                output.note("Stopped. The same command goes on from there.")
                return output.INTERRUPTED
            except (Lost, OSError, output.Failure) as e:
                report.why(running.why)
                if isinstance(e, output.Failure):  # as of a full disk here: the module answers
                    with contextlib.suppress(Lost, Untried, OSError, output.Failure):
                        run.put_back(self._bench, before)
                report.write()
                raise _lost(str(e)) from None
        report.why(running.why)
        return self._end(before)

    def _begin(self):
        """Note which module it is; return its settings."""
        bench, report = self._bench, self._report
        try:
            said = bench.restart()
        except Untried:  # it may have told nothing of it
            _check_console(bench)
            raise
        _check_console(bench)
        shown = run.settings(bench)
        before = self._kept.read() or shown
        self._kept.check(before, shown)
        status = run.values(bench.line.say("STS", limit_s=20))
        poweron = said.wind(1)
        module = {
            "poweron": f"+WIND:1:{poweron}" if poweron else "",
            "model": shown.get("nv_model", ""),
            "simulated": self._asking.simulated,
            "status": {name: _value(name, text) for name, text in status.items()},
        }
        now = datetime.datetime.now(datetime.timezone.utc)
        report.of(module, now.isoformat(timespec="seconds"), __version__)
        self._kept.write(before)
        del bench.line.transcript[:]
        return before

    def _show(self, experiment):
        if self._debug:
            output.note(f"{experiment.title}: {', '.join(experiment.names)}")

    def _take(self, result, advance):
        report = self._report
        report.add(result)
        report.write()
        advance(1)
        if self._debug:
            for _, way, text in report.document["experiments"][result.experiment.title][
                "transcript"
            ]:
                output.note(f"{way} {text}")
        if not self._quiet:
            for name in result.found:
                output.say(f"{name}: {report.document['points'][name]['words']}")

    def _end(self, before):
        """Put the settings back, and write the report; return the exit code."""
        report = self._report
        try:
            left = run.put_back(self._bench, before)
        except (Lost, Untried, OSError) as e:
            report.write()
            raise _lost(str(e)) from None
        report.document["not_put_back"] = left
        report.write()
        self._kept.forget()
        return output.FAILED if left else output.DONE


def _check_console(bench):
    """output.Failure if the settings of a module's console hide what experiments look for."""
    said = bench.line.say("GCFG", limit_s=20)
    shown = dict(_SETTING.findall(said.text))
    if said.ok and not shown:
        shown = {"console_verbose": "0"}
    hiding = [n for n, good in _OPEN.items() if shown.get(n, good[0]).strip().lower() not in good]
    if hiding:
        factory = ", ".join(f"{name} {_OPEN[name][0]}" for name in hiding)
        raise output.Failure(
            f"the module's console hides what experiments look for: {', '.join(hiding)}",
            f"Save what the factory has ({factory}), see spwf04 shell.",
        )


def _lost(why):
    todo = (
        "Check the cable, and switch the module off and on. The same command goes on from there."
    )
    return output.Failure(f"the probe ended: {why}", todo, output.NO_MODULE)


def _value(name, text):
    """The value of a status variable for the report, without what tells where a module is."""
    return private(f"{name}={text}").partition("=")[2] if open_variable(name.encode()) else MASK


def _summary(report):
    """Say what was found, and how to send it in."""
    document = report.document
    open_ = document["untried"]
    output.say("")
    output.say(f"{len(report.found)} of {plural(len(points()), 'point')} found.", "bold")
    reasons = {}
    for name, why in sorted(open_.items(), key=lambda item: list(points()).index(item[0])):
        reasons.setdefault(why, []).append(name)
    for why, names in reasons.items():
        output.say(f"Left open, {why}: {', '.join(names)}")
    if document["not_put_back"]:
        output.warn("These settings could not be put back: " + ", ".join(document["not_put_back"]))
    output.say(f"Report: {report.path}")
    if document["module"].get("simulated"):
        output.note("The module was simulated: nobody needs this report.")
    else:
        if any("does not reach this computer" in why for why in open_.values()):
            output.say(_FIREWALL)
        output.say(_SEND)
