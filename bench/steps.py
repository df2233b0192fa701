"""Where the CPU time of a read goes: the steps of the interpreter, for each function.

CPython counts them. Its steps are much like MicroPython's, and the counts are the same on every
computer. The transfer is that of cpu.py, with the same UART in memory.
"""

import collections
import json
import subprocess
import sys

from bench import board, record

CALLS = 20
_LAYERS = {"at/uart": "uart", "at/parser": "parser", "at/channel": "channel"}
_ALL_THE_REST = "sockets"  # net/


def of(way="receive", burst=256):
    """Return [{"function", "layer", "calls", "steps"}] of a call that moves 730 bytes, most steps
    first. It runs in a process of its own, because it traces every step."""
    file = record.RECORDINGS["spwf04"](way)
    command = [sys.executable, "-m", "bench.steps", str(board.folder() / file), way, str(burst)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=board.HERE.parent
    )
    return json.loads(done.stdout)


def _count(file, way, burst):
    sys.path.insert(0, str(board.HERE / "mp"))
    import drivers
    import memory_uart

    class UART(memory_uart.FACES["machine"]):
        """Takes part of a buffer, as all streams of MicroPython do."""

        def readinto(self, buffer, n=-1):
            return self._file.readinto(buffer if n < 0 else memoryview(buffer)[:n])

    host = {"receive": "stream.example", "send": "sink.example"}[way]
    move = drivers.spwf04(UART(file, burst), host)[way == "send"]
    for _ in range(8):
        move()
    steps = collections.Counter()
    calls = collections.Counter()

    def trace(frame, event, argument):
        _, found, name = frame.f_code.co_filename.rpartition("/spwf04/")
        if not found:
            return None
        key = name[:-3], frame.f_code.co_name
        calls[key] += 1
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False

        def step(frame, event, argument):
            if event == "opcode":
                steps[key] += 1
            return step

        return step

    sys.settrace(trace)
    for _ in range(CALLS):
        move()
    sys.settrace(None)
    return [
        {
            "function": f"{name}.{function}",
            "layer": _LAYERS.get(name, _ALL_THE_REST),
            "calls": calls[name, function] / CALLS,
            "steps": n / CALLS,
        }
        for (name, function), n in steps.most_common()
    ]


if __name__ == "__main__":
    print(json.dumps(_count(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
