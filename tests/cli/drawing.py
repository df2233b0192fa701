"""python -m tests.cli.drawing: writes docs/timeline.svg, the drawing of the page's recording."""

from spwf04_cli.uartlog import decode
from spwf04_cli.uartlog.findings import examine
from spwf04_cli.uartlog.timeline import drawing
from spwf04_sim.logs import reader
from tests.cli.transcripts.trace import recorded
from tests.shims.micropython import ROOT

FILE = ROOT / "docs" / "timeline.svg"


def drawn():
    """The drawing as it is now."""
    heard = reader.read(recorded().encode())
    items = decode.decoded(heard)
    return drawing(items, examine(items, heard), "bug.txt")


if __name__ == "__main__":
    FILE.write_text(drawn())
