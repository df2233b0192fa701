"""--via-mcu: a real MicroPython behind a pseudo-terminal, the module behind it."""

import pathlib

from tests.cli.transcripts import Desk, transcript
from tests.cli.transcripts.radio import DATES
from tests.shims.mcu import behind_mcu


@transcript("via-mcu")
def via_mcu():
    with behind_mcu(pathlib.Path()) as made:
        yield Desk(
            aliases={"/dev/ttyACM0": made.port},
            replace=[
                *DATES,
                (r"compiled, \d+ KB", "compiled, 100 KB"),
                (made.port, "/dev/ttyACM0"),
            ],
        )
