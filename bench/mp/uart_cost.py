"""MicroPython: what the calls of a UART in memory cost by themselves. Arguments: recording, face,
burst, calls as JSON: [[name, bytes], …]. Prints the seconds of CPU of each call."""

import io
import json
import sys
import time

from memory_uart import FACES

_SIZE = 60000
_TIMES = 20000


def _loop(uart, name, buffer, times):
    size = len(buffer)
    start = time.clock()
    if name == "any":
        for _ in range(times):
            uart.any()
    elif name == "in_waiting":
        for _ in range(times):
            uart.in_waiting  # noqa: B018
    elif name == "readinto":
        for _ in range(times):
            uart.readinto(buffer)
    elif name == "read":
        for _ in range(times):
            uart.read(size)
    elif name == "write":
        for _ in range(times):
            uart.write(buffer)
    elif name == "reset_input_buffer":
        for _ in range(times):
            uart.reset_input_buffer()
    else:
        for _ in range(times):
            pass
    return time.clock() - start


def cost(uart, name, size):
    """Return the seconds of one call."""
    buffer = bytearray(size)
    times = _TIMES
    if name in ("read", "readinto"):
        times = min(_TIMES, _SIZE // size)
    rounds = _TIMES // times
    seconds = 0
    for _ in range(rounds):
        uart._file.seek(0)
        uart._limit = _SIZE
        uart._missing = 1 << 29
        seconds += _loop(uart, name, buffer, times) - _loop(uart, "", buffer, times)
    return seconds / rounds / times


def main(file, face, burst, calls):
    uart = FACES[face](file, int(burst))
    uart._file = io.BytesIO(bytes(_SIZE))
    return [cost(uart, name, size) for name, size in json.loads(calls)]


print(json.dumps(main(*sys.argv[1:])))
