"""Simulated modules: of a world file, factory-fresh in a small world, or on the running bench."""

import os
import time

from .. import output, steps
from ..output import NO_MODULE, USAGE, Failure
from .note import POSSIBLE, in_use, read

# The network of a world without a file
SSID, PASSWORD = "simulated", "password"


def port():
    """What --port sim stands for: the path of the running bench's module, or, with a remark,
    "sim:", a module that is factory-fresh."""
    found = read()
    if found is not None:
        if in_use(found["port"]):
            raise Failure(
                "another command has the simulated module",
                "Wait until it has ended. It may be a shell in another terminal.",
                NO_MODULE,
            )
        return found["port"]
    how = "in another terminal, spwf04 sim keeps one"
    if POSSIBLE:
        steps.not_kept("spwf04 sim")
    else:
        how = "spwf04 shell keeps it until you leave"
    output.note(f"A new simulated module: nothing is kept; {how}.")
    return "sim:"


def switched_on(live=False, text=""):
    """Switch a simulated module on, and return it; text: as for described()."""
    from spwf04_sim import RealClock, Timing, VirtualClock

    clock = RealClock() if live else VirtualClock(longest=20)
    return described(text)[0].build(clock, Timing())


def described(text="", count=1):
    """List the spwf04_sim.worldfile.ModuleFile of "WORLD.toml" or "WORLD.toml#NAME"; of "": as
    many factory-fresh ones, see world_file()."""
    file, wanted = world_and_name(text)
    modules = world_file(file or None, count).modules
    chosen = [m for m in modules if not wanted or m.name == wanted]
    if not chosen:
        names = ", ".join(m.name for m in modules)
        raise Failure(
            f"{file or 'the simulated world'} has no module {wanted}",
            "It has: " + names,
            NO_MODULE,
        )
    return chosen


def world_and_name(text):
    """(file, name of a module or "") of WORLD.toml or WORLD.toml#NAME. A folder's name may have a
    # too."""
    if "#" not in text or os.path.isfile(text):
        return text, ""
    file, _, name = text.rpartition("#")
    return file, name


def world_file(path=None, count=1):
    """The spwf04_sim.worldfile.WorldFile of a file. Without a file: as many factory-fresh modules,
    an access point ("simulated", password "password"; its button for WPS is pressed), a name
    server that knows www.example.com, and an NTP server; and this computer is in reach, which
    gives modules their files. output.Failure with the file's mistakes if it cannot be used."""
    from spwf04_sim import World, worldfile

    if path is not None:
        try:
            return worldfile.load(path)
        except worldfile.FileError as e:
            raise Failure(
                "the world file cannot be used\n" + str(e),
                "examples/bench.toml has every key with its meaning.",
                USAGE,
            ) from None
    world = World()
    world.add_access_point(SSID, PASSWORD, wps_pin="12345670").press_button()
    world.add_host("www.example.com")
    world.computers = {"127.0.0.1", *_own_address()}
    world.ntp = int(time.time())
    return worldfile.fresh(world, count)


def _own_address():
    """[this computer's address as a module's network would see it], [] without a network."""
    from ..file_server import own_address

    try:
        return [own_address("192.168.1.23")]
    except Failure:
        return []
