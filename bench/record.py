"""Records what modules send during a transfer, on the modelled line, for the UARTs in memory."""

import functools
import json

from bench import board, espat, line

_CALLS = 8
_CHUNK = 730  # as in mp/drivers.py


class Recorder:
    """Records steps: how many bytes the driver wrote, and what came before it wrote again."""

    def __init__(self):
        self._steps = [[0, b""]]

    def __call__(self, way, data):
        if way == ">":
            if self._steps[-1][0] and not self._steps[-1][1]:
                self._steps[-1][0] += len(data)  # the UART decides in how many pieces
            else:
                self._steps.append([len(data), b""])
        else:
            self._steps[-1][1] += data

    def mark(self):
        """Begin a step without a write: the module sends what follows unasked."""
        self._steps.append([0, b""])

    def __len__(self):
        return len(self._steps)

    def save(self, name, cycle):
        """Write the steps on the board; return the name of the file.

        cycle: how many steps at the end may be played again and again.
        """
        steps = self._steps
        if cycle and steps[-cycle:] != steps[-2 * cycle : -cycle]:
            raise ValueError(f"{name}: no two calls alike")
        data = b"".join(come for _, come in steps)
        content = {
            "data": data.hex(),
            "steps": [[n, len(come)] for n, come in steps],
            "cycle": cycle,
        }
        (board.folder() / f"{name}.json").write_text(json.dumps(content))
        return f"{name}.json"


@functools.cache
def ours(way):
    """Record our driver, receiving or sending."""
    stage = line.Stage()
    stage.module.traffic = recorder = Recorder()
    sock = stage.driver(_CHUNK).socket()
    sock.connect(("stream.example" if way == "receive" else "sink.example", 80))
    buffer = bytearray(_CHUNK)
    lengths = []
    for _ in range(_CALLS):
        if way == "receive":
            sock.recv_into(buffer)
        else:
            sock.send(buffer)
        lengths.append(len(recorder))
    return recorder.save(f"spwf04-{way}", lengths[-1] - lengths[-2])


@functools.cache
def peer(way):
    """Record ESP_ATcontrol, receiving or sending a segment with each call."""
    recorder = Recorder()
    esp = espat.Board(traffic=recorder)
    sock = esp.open("stream" if way == "receive" else "sink")
    esp.esp.pushes = True
    lengths = []
    for _ in range(_CALLS):
        if way == "receive":
            recorder.mark()
            sock.recv()
        else:
            sock.send(bytes(_CHUNK))
        lengths.append(len(recorder))
    return recorder.save(f"espat-{way}", lengths[-1] - lengths[-2])


RECORDINGS = {"spwf04": ours, "espat": peer}
