"""A simulated SPWF04 Wi-Fi module: its bytes on a port, real TCP and TLS behind it.

    world = World()
    world.add_access_point("home", "correct horse")
    world.route("www.example.com", 443, ("127.0.0.1", 8443))
    module = SimulatedModule(world)
    module.power_on()
    uart = module.uart()                    # in this process, or:
    with PtyPort(module) as port: ...       # on the pseudo-terminal port.path

The module is as strict as the hardware where public sources describe the hardware. Where they
leave a point open, Quirks has a switch with each reading.

Each name is imported when it is first used: pytest imports this package in every project of an
environment, even where the packages of the extra `sim` are not installed.
"""

import importlib

# file: its public names
_FILES = {
    "desk.pty": "PtyPort",
    "module.faults": "FAULTS Faults",
    "module.module": "SimulatedModule",
    "module.uart": "SimUART",
    "parts.fat": "disk_image",
    "parts.flash": "Flash",
    "parts.ota": "firmware_image",
    "parts.quirks": "Quirks each_alone random_quirks",
    "parts.timing": "Timing",
    "playback": "Playback replay",
    "world.clock": "RealClock VirtualClock",
    "world.peers": "EchoPeer FloodPeer Peer SilentPeer",
    "world.world": "AccessPoint World",
}
_NAMES = {name: file for file, names in _FILES.items() for name in names.split()}


def __getattr__(name):
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = importlib.import_module("." + _NAMES[name], __name__)
    except ModuleNotFoundError as e:
        from .missing import explained

        raise ModuleNotFoundError(explained(e, "sim"), name=e.name) from None
    return getattr(module, name)


def __dir__():
    return sorted([*globals(), *_NAMES])
