"""python -m spwf04_sim: simulated modules on pseudo-terminals, until Ctrl-C.

With --recording, the recording of a real module is played against a simulated one instead.

Exit codes: 0 Ctrl-C, or no difference without an explanation. 1 this computer has no
pseudo-terminals, or there is such a difference. 2 usage, or a package is missing.
"""

import argparse
import dataclasses
import sys
import time

from .desk import screen
from .missing import explained

try:
    from . import Timing, worldfile
    from .desk import options
    from .desk.pty import NoTerminals
    from .desk.serve import serve
    from .recordings.check import check, report
except ModuleNotFoundError as e:
    print("spwf04_sim: " + explained(e, "sim"), file=sys.stderr)
    raise SystemExit(2) from None


_WHAT = (
    "A simulated SPWF04 on a pseudo-terminal, for a program of yours: connect it to the path that "
    "is printed. The module keeps its files, CAs, settings, clock and network until Ctrl-C. To "
    "try the commands of the command line, run spwf04 sim instead: --port sim finds it, and it "
    "has an HTTPS server that the module can verify. Windows has no pseudo-terminals: there, "
    "spwf04_sim.SimulatedModule(world).uart() gives your program a module."
)
_EXAMPLE = (
    "example: python -m spwf04_sim --ssid home --password 'correct horse' "
    "--route www.example.com:443=127.0.0.1:8443 --log"
)
_FAULT = "something that goes wrong, drop,way=<,at=200 for example; see docs/reliability.md"
_LIKE = "play the module that this report of spwf04 probe is of"
_RECORDING = (
    "play what a real module said, a recording of the driver or any log, against a simulated one, "
    "and tell where that answers otherwise; of the other options only --like and --quirk count"
)


def _for_argparse(function):
    """The same function with errors that argparse shows."""

    def convert(text):
        try:
            return function(text)
        except ValueError as e:
            raise argparse.ArgumentTypeError(str(e)) from None

    return convert


def parser():
    """The argparse.ArgumentParser of the command line."""
    made = argparse.ArgumentParser(
        prog="python -m spwf04_sim",
        description=_WHAT,
        epilog=_EXAMPLE,
    )
    made.add_argument(
        "--world",
        type=_for_argparse(worldfile.load),
        metavar="FILE",
        help="a world file, see examples/bench.toml; the other options are added to it",
    )
    made.add_argument(
        "--ssid", help="name of the access point (default without --world: simulated)"
    )
    made.add_argument("--password", default="password", help="its password; empty for open")
    for name, function, metavar, what in (
        ("route", options.route, "HOST:PORT=IP:PORT", "where a connection really leads"),
        ("quirk", options.quirk, "NAME=VALUE", "another reading of an open point"),
        ("fault", options.fault, "NAME[,OPTION=VALUE]", _FAULT),
    ):
        made.add_argument(
            "--" + name,
            type=_for_argparse(function),
            action="append",
            default=[],
            metavar=metavar,
            help=what,
        )
    like = _for_argparse(options.like)
    made.add_argument("--like", type=like, metavar="FILE", help=_LIKE)
    for name, what in (
        ("ntp", "an NTP server can be reached"),
        ("fast", "everything within milliseconds"),
        ("log", "show each command, secrets masked"),
    ):
        made.add_argument("--" + name, action="store_true", help=what)
    made.add_argument("--recording", metavar="FILE", help=_RECORDING)
    return made


def described(given):
    """The worldfile.WorldFile that the options describe; given: what the parser returned."""
    made = given.world or worldfile.fresh()
    if given.ssid or given.world is None:
        made.world.add_access_point(given.ssid or "simulated", given.password or None)
    if given.ntp:
        made.world.ntp = int(time.time())
    for host, port, target in given.route:
        made.world.route(host, port, target)
    for module in made.modules:
        module.quirks = dataclasses.replace(given.like or module.quirks, **dict(given.quirk))
        module.faults = module.faults + given.fault
        if given.fast:
            module.timing = Timing.fast()
    return made


def played(given):
    """Compare a recording with a simulated module, and print how they differ; given: what the
    parser returned. Return the exit code."""
    try:
        like = {} if given.like is None else dataclasses.asdict(given.like)
        result = check(given.recording, {**like, **dict(given.quirk)})
    except (OSError, ValueError) as e:
        print(
            f"spwf04_sim: {given.recording}: {getattr(e, 'strerror', None) or e}", file=sys.stderr
        )
        return 2
    for line in report(result, given.recording):
        print(line)
    return 0 if result.good else 1


def main(arguments=None):
    """Serve the modules that `arguments` describe (default: sys.argv), or compare a recording.
    Return the exit code."""
    with screen.guarded():
        given = parser().parse_args(arguments)
        if given.recording:
            return played(given)
        made = described(given)
        several = len(made.modules) > 1
        try:
            serve(
                made,
                lambda name, path: print(f"{path} {name}" if several else path, flush=True),
                (lambda name, line: print(f"{name}>" if several else ">", line, flush=True))
                if given.log
                else None,
            )
        except NoTerminals as e:
            print(f"spwf04_sim: {e}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
