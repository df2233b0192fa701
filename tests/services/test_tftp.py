"""docs/tftp.md: its programs run as they are printed, with a real TFTP server and client."""

import threading

import pytest
import tftpy

from tests.shims.postoffice import Tftp
from tests.shims.servers import pattern

from .stage import example, stage  # noqa: F401
from .table import LINKS, cell


@pytest.fixture
def server(tmp_path):
    made = Tftp(tmp_path)
    yield made
    made.stop()


def test_files_in_both_directions(stage, server):  # noqa: F811
    (server.folder / "config.json").write_bytes(pattern(700))
    stage.route("tftp.example", 69, server.address)
    assert stage.run(example("tftp")) == ["700", "700"]
    server.stop()
    assert (server.folder / "log.txt").read_bytes() == b"12:00 open\n12:05 shut\n"
    cell("TFTP", "plain", stage.interpreter)
    cell("TFTP", LINKS[1], stage.interpreter, "*n/a*: TFTP has no TLS")


def test_a_file_that_is_sent_to_the_module(stage, tmp_path):  # noqa: F811
    (tmp_path / "settings.txt").write_bytes(pattern(700))

    over = threading.Event()

    def send():  # again and again: who sends does not know when the program begins to listen
        while not over.wait(0.2):
            if 69 in stage.world.listening:
                client = tftpy.TftpClient(*stage.world.listening[69])
                client.upload("settings.txt", str(tmp_path / "settings.txt"))

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    try:
        assert stage.run(example("tftp", 1)) == ["['settings.txt']"]
    finally:
        over.set()
        sender.join()
    assert bytes(stage.module.flash.files[2, "settings.txt"]) == pattern(700)
