"""The adapter of the UART alone: what it asks of a UART, and that it moves every byte."""

import pytest

from spwf04.at.parser import OK, Parser
from spwf04.at.uart import UART


class MachineUART:
    """Like machine.UART: readinto() reads what is there into the beginning of a buffer."""

    def __init__(self, data, burst):
        self._data = data
        self._burst = burst
        self.pieces = []

    def any(self):
        return min(self._burst, len(self._data))

    def readinto(self, buffer, n=-1):
        if n < 0:
            n = len(buffer)
        assert n <= self.any(), "it would wait"
        assert n <= len(buffer), "it would write beyond the buffer"
        buffer[:n], self._data = self._data[:n], self._data[n:]
        if n:
            self.pieces.append(n)
        return n

    def write(self, data, at=0, n=-1):
        return len(data)


class BusioUART:
    """Like busio.UART: readinto() fills the whole buffer."""

    def __init__(self, data, burst):
        self._inner = MachineUART(data, burst)

    @property
    def in_waiting(self):
        return self._inner.any()

    def readinto(self, buffer):
        return self._inner.readinto(buffer)

    def write(self, data):
        return len(data)


def payload(n):
    return bytes(range(256)) * (n // 256) + bytes(range(n % 256))


def received(uart, n, room=None):
    """Read n bytes of payload, and OK, into a buffer of `room` bytes; return it."""
    adapter = UART(uart)
    parser = Parser()
    sink = bytearray(b"." * (n if room is None else room))
    parser.expect_data(n, sink, n)
    event = 0
    while adapter.read(parser, 9):
        event = parser.next_event() or event
    assert (event, parser.remaining) == (OK, 0)
    return sink


@pytest.mark.parametrize("make", [MachineUART, BusioUART])
@pytest.mark.parametrize("burst", [1, 5, 16, 63, 64, 100, 256, 4096])
def test_payload_arrives_in_order_however_much_waits(make, burst):
    for n in (1, 3, 4, 17, 63, 64, 65, 255, 256, 257, 512, 730, 1460):
        assert received(make(payload(n) + b"AT-S.OK\r\n", burst), n) == payload(n)


@pytest.mark.parametrize("make", [MachineUART, BusioUART])
@pytest.mark.parametrize("burst", [5, 64, 256])
def test_nothing_is_written_behind_the_payload(make, burst):
    for n in (1, 63, 64, 300, 730):
        assert received(make(payload(n) + b"AT-S.OK\r\n", burst), n, n + 300)[n:] == b"." * 300


def test_the_odd_piece_of_a_payload_comes_first():
    uart = MachineUART(payload(730) + b"AT-S.OK\r\n", 4096)
    received(uart, 730)
    assert uart.pieces == [218, 256, 256, 9]


def test_lines_are_taken_in_pieces_that_leave_the_payload_where_it_is():
    uart = MachineUART(b"AT-S.Reading:730:8192\r\n" + payload(730), 4096)
    UART(uart).read(Parser(), 24)
    assert uart.pieces == [24]


def test_what_is_no_uart_is_refused():
    with pytest.raises(TypeError, match="any"):
        UART(object())


def test_what_raises_when_it_is_asked_for_is_not_there():
    class Odd:
        def write(self, *args):
            pass

        readinto = write

        @property
        def any(self):
            raise RuntimeError("deinitialized")

    with pytest.raises(TypeError, match="any"):
        UART(Odd())
