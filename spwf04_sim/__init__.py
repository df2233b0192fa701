"""A simulated SPWF04 Wi-Fi module: its bytes on a port, real TCP and TLS behind it.

    world = World()
    world.add_access_point("home", "correct horse")
    world.route("www.example.com", 443, ("127.0.0.1", 8443))
    module = SimulatedModule(world)
    module.power_on()
    uart = module.uart()                    # in this process, or:
    with PtyPort(module) as port: ...       # on the pseudo-terminal port.path

It is as strict as the hardware, as far as public sources tell; where they do not, Quirks has a
switch for each reading.
"""

from .clock import RealClock, Timing, VirtualClock
from .commands.update import firmware_image
from .faults import FAULTS, Faults
from .flash import Flash
from .module import SimulatedModule
from .playback import Playback, replay
from .pty import PtyPort
from .quirks import Quirks, each_alone, random_quirks
from .uart import SimUART
from .world import AccessPoint, EchoPeer, Peer, World

__all__ = [
    "FAULTS",
    "AccessPoint",
    "EchoPeer",
    "Faults",
    "Flash",
    "Peer",
    "Playback",
    "PtyPort",
    "Quirks",
    "RealClock",
    "SimUART",
    "SimulatedModule",
    "Timing",
    "VirtualClock",
    "World",
    "each_alone",
    "firmware_image",
    "random_quirks",
    "replay",
]
