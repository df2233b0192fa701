"""A simulated module that is asked by hand: what tests of its commands share."""

from spwf04_sim import Flash, Quirks, SimulatedModule, Timing, VirtualClock, World

OLD = "170216-fd39c59"  # firmware 1.0.0


def booted(saved=None, **more):
    """A module whose console listens, its echo off, its radio idle. saved: more of its saved
    configuration. more: for SimulatedModule; switches too."""
    switches = {n: more.pop(n) for n in list(more) if n in Quirks.choices()}
    clock = VirtualClock()
    flash = Flash(saved={"console_echo": "0", "wifi_mode": "0", **(saved or {})})
    module = SimulatedModule(
        more.pop("world", None) or World(),
        quirks=Quirks(**switches),
        clock=clock,
        flash=flash,
        timing=more.pop("timing", None) or Timing.fast(),
        **more,
    )
    module.power_on()
    said(module)
    return module


def joined(saved=None, **more):
    """The same, joined to a network."""
    world = more.pop("world", None) or World()
    world.add_access_point("home", "correct horse", channel=11)
    home = {"wifi_mode": "1", "wifi_ssid": "home", "wifi_wpa_psk_text": "correct horse"}
    return booted({**home, **(saved or {})}, world=world, **more)


def said(module, seconds=0.5):
    """What it says in so many seconds."""
    module.clock.advance(seconds)
    return module.transmit().decode("latin-1")


def ask(module, line, seconds=0.05):
    """What it answers to a command line."""
    module.receive(line.encode("utf-8", "surrogateescape") + b"\r")
    return said(module, seconds)


def value(module, name, command="GCFG"):
    """The value of a variable as the module shows it."""
    head = f"AT-S.Var:{name}="
    lines = ask(module, f"AT+S.{command}={name}").split("\r\n")
    (line,) = [one for one in lines if one.startswith(head)]
    return line[len(head) :]


def error(module, line):
    """The number of the error that answers a command line, 0 for OK."""
    last = ask(module, line).strip().split("\r\n")[-1]
    if last.endswith("AT-S.OK"):  # it may stand right behind a payload
        return 0
    assert last.startswith("AT-S.ERROR:"), last
    return int(last.split(":")[1])
