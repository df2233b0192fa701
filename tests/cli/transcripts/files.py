"""ls, put, get, rm."""

import pathlib

from tests.cli.transcripts import Desk, transcript
from tests.cli.transcripts.radio import module


@transcript("files")
def files():
    pathlib.Path("index.html").write_text("<h1>Hello</h1>\n" * 20)
    with module() as controller:
        controller.put_file("log.txt", b"12:00 started\n")
        yield Desk()
