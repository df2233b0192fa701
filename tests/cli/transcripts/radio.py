"""info, scan, join, time, ping."""

from tests.cli import at_port
from tests.cli.transcripts import Desk, transcript
from tests.shims.desk import simulated


@transcript("info")
def info():
    with at_port(simulated().module):
        yield Desk()
