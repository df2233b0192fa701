"""Memory of the driver's .mpy files on a real MicroPython, with 32 bits for the figures."""

import time

import pytest

from spwf04_sim import Peer, PtyPort
from tests.shims import micropython
from tests.shims.controller import Controller

SHIMS = micropython.ROOT / "tests" / "shims"


class Stream(Peer):
    """Sends without end."""

    def on_connect(self):
        self.send(bytes(60000))


@pytest.mark.parametrize("bits", [64, 32])
def test_receiving_allocates_nothing(bits):
    interpreter = micropython.micropython32() if bits == 32 else None
    controller = Controller()
    controller.world.route("stream.example", 20, Stream)
    with PtyPort(controller.module, vmin0=True) as line:
        code, output = micropython.run(
            SHIMS / "mp_no_heap.py", [line.path], controller, interpreter=interpreter
        )
    assert code == 0, output
    assert output == "received 29200 in 40\n"


@pytest.mark.parametrize("bits", [64, 32])
def test_bytes_without_a_frame_and_chunks_allocate_nothing(bits):
    interpreter = micropython.micropython32() if bits == 32 else None
    code, output = micropython.run(SHIMS / "mp_raw.py", [], Controller(), interpreter=interpreter)
    assert code == 0, output
    assert output == "7680 29\nFalse 256\n"


@pytest.mark.parametrize("bits", [64, 32])
def test_taking_a_message_of_mqtt_apart_allocates_nothing(bits):
    interpreter = micropython.micropython32() if bits == 32 else None
    script = SHIMS / "mp_messages.py"
    code, output = micropython.run(script, [], None, interpreter=interpreter)
    assert (code, output) == (0, "False 3 True\nTrue 3 True\n"), output


def test_discovery_fits_in_24_kb_and_a_search_takes_less_than_20_reads(capsys):
    controller = Controller()
    with PtyPort(controller.module, vmin0=True) as line:
        arguments = [line.path, controller.bundle()]
        code, output = micropython.run(
            SHIMS / "mp_discover.py",
            arguments,
            controller,
            "320k",
            interpreter=micropython.micropython32(),
        )
    assert code == 0, output
    certificates, commands, heap, made, found, reads, search = map(int, output.split())
    with capsys.disabled():
        print(
            f"\ndiscovery of {certificates} certificate(s): {commands} AT commands, {heap} bytes"
            f" of heap for code and result, {made} bytes allocated in a second run;"
            f" bundle search: {reads} reads, {search} bytes"
        )
    assert found == 1
    assert reads < 20
    assert heap < 24 * 1024


# With less than 118 KB there is no room for the code that connects
@pytest.mark.parametrize("heap", ["119k", "121k", "123k", "125k", "127k", "132k"])
def test_a_refusal_with_little_memory_is_still_a_certificate_error(heap):
    controller = Controller()
    with PtyPort(controller.module, vmin0=True) as line:
        arguments = [line.path, str(int(time.time()))]
        code, output = micropython.run(
            SHIMS / "mp_refused.py",
            arguments,
            controller,
            heap,
            interpreter=micropython.micropython32(),
        )
    assert code == 0, output
    assert output == "CertificateError 23 True\n"
    assert controller.open_sockets() == 0


def test_the_heap_is_flat_over_200_connections():
    from tests.faults.longrun import heap_after

    heap, left = heap_after(200)
    assert left == 0
    assert len(set(heap[1:])) == 1, heap
