"""doctor and update."""

import pathlib

from spwf04_sim import firmware_image
from tests.cli.transcripts import Desk, transcript
from tests.cli.transcripts.radio import DATES, module
from tests.shims.images import NEW

_COUNTS = [*DATES, (r"\d+ bytes came", "10505 bytes came")]


@transcript("doctor")
def doctor():
    with module(joined=True) as controller:
        controller.module.firmware, controller.module.version = "170216-fd39c59", "1.0.0"
        yield Desk(replace=_COUNTS)


@transcript("doctor-unplugged")
def doctor_unplugged():
    with module() as controller:
        controller.unplug()
        yield Desk()


@transcript("update")
def update():
    pathlib.Path("SPWF04S.ota").write_bytes(firmware_image(NEW, "1.2.0", 300000))
    with module(joined=True) as controller:
        world, target = controller.world, controller.world.target
        world.target = lambda ip, port: (
            ("127.0.0.1", port) if ip == "127.0.0.1" else target(ip, port)
        )
        yield Desk(stdin=["y\n"])
