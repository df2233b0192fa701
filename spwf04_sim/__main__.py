"""python -m spwf04_sim: a simulated module on a pseudo-terminal, until Ctrl-C."""

import argparse
import dataclasses
import time

from . import FAULTS, PtyPort, Quirks, SimulatedModule, Timing, World


def _quirk(text):
    name, _, value = text.partition("=")
    choices = Quirks.choices()
    if name not in choices:
        raise argparse.ArgumentTypeError(f"no quirk {name}; there are: {', '.join(choices)}")
    for choice in choices[name]:
        if str(choice) == value:
            return name, choice
    raise argparse.ArgumentTypeError(f"{name} is one of {', '.join(map(str, choices[name]))}")


def _fault(text):
    name, *options = text.split(",")
    if name not in FAULTS:
        raise argparse.ArgumentTypeError(f"no fault {name}; there are: {', '.join(FAULTS)}")
    found = {}
    for option in options:
        key, _, value = option.partition("=")
        if key not in {"way", "at", *FAULTS[name][1]}:
            raise argparse.ArgumentTypeError(f"{name} has no option {key}")
        found[key] = int(value) if value.isdigit() else value
    return name, found


def _route(text):
    try:
        name, _, target = text.partition("=")
        host, _, port = name.rpartition(":")
        ip, _, real = target.rpartition(":")
        return host, int(port), (ip or "127.0.0.1", int(real))
    except ValueError:
        raise argparse.ArgumentTypeError("HOST:PORT=IP:PORT") from None


def main(arguments=None):
    """Run it; `arguments` as on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m spwf04_sim",
        description="A simulated SPWF04 on a pseudo-terminal. Connect your program to the path "
        "it prints. Ctrl-C ends it.",
        epilog="example: python -m spwf04_sim --ssid home --password 'correct horse' "
        "--route www.example.com:443=127.0.0.1:8443 --log",
    )
    parser.add_argument("--ssid", default="simulated", help="name of the access point")
    parser.add_argument("--password", default="password", help="its key; empty for open")
    parser.add_argument(
        "--route",
        type=_route,
        action="append",
        default=[],
        metavar="HOST:PORT=IP:PORT",
        help="where a connection really leads",
    )
    parser.add_argument(
        "--quirk",
        type=_quirk,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="another reading of an open point",
    )
    parser.add_argument(
        "--fault",
        type=_fault,
        action="append",
        default=[],
        metavar="NAME[,OPTION=VALUE]",
        help="something that goes wrong, drop,way=<,at=200 for example; see docs/reliability.md",
    )
    parser.add_argument("--ntp", action="store_true", help="an NTP server is in reach")
    parser.add_argument("--fast", action="store_true", help="everything within milliseconds")
    parser.add_argument("--log", action="store_true", help="show each command, secrets masked")
    options = parser.parse_args(arguments)
    world = World()
    world.add_access_point(options.ssid, options.password or None)
    world.ntp = int(time.time()) if options.ntp else None
    for host, port, target in options.route:
        world.route(host, port, target)
    module = SimulatedModule(
        world,
        quirks=dataclasses.replace(Quirks(), **dict(options.quirk)),
        timing=Timing.fast() if options.fast else Timing(baud=115200),
    )
    for name, found in options.fault:
        module.faults.add(name, **found)
    module.power_on()
    with PtyPort(module) as port:
        print(port.path, flush=True)
        shown = 0
        try:
            while True:
                time.sleep(0.1)
                while options.log and shown < len(module.log):
                    print(">", module.log[shown], flush=True)
                    shown += 1
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
