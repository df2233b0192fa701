"""Random byte streams for the parser: it raises nothing, and needs no more memory."""

import random

from spwf04.at.parser import Parser

WORDS = (
    b"AT-S.OK",
    b"AT-S.ERROR:",
    b"AT-S.Reading:",
    b"AT-S.Query:",
    b"+WIND:",
    b"AT+S.",
    b":",
    b"\r\n",
    b"AT-S.OK\r\n",
    b"+WIND:55:Pending Data::0:31:31\r\n",
    b"+WIND:86:MQTT Published:0:a:0:0:0:5:5:",
    b"\n",
    b"\r",
    b"\0",
    b"0",
    b"7",
    b"31",
    b"4294967296",
    b"99999999999999999999",
    b"\xff",
    b"x" * 200,
)


def stream(chance):
    """A few words, some of them damaged, in random pieces."""
    data = bytearray()
    for _ in range(chance.randrange(1, 7)):
        data += WORDS[int(chance.random() * len(WORDS))]
    if chance.random() < 0.4:
        data[int(chance.random() * len(data))] = int(chance.random() * 256)
    return data


def fuzz(n, seed):
    """Feed n streams to one parser, one after the other; return (bytes, events)."""
    chance = random.Random(seed)
    parser = Parser()
    sink = bytearray(64)
    count = events = 0
    for i in range(n):
        data = stream(chance)
        count += len(data)
        cut = int(chance.random() * len(data))
        for piece in (data[:cut], data[cut:]):
            parser.receive_data(piece)
            longest = max(255, len(piece))  # kept text, or a line in one piece
            event = parser.next_event()
            while event:
                events += 1
                if event == 1 and parser.starts(b"AT-S.Reading:"):
                    size = parser.number(1)
                    if 0 <= size < 50:
                        parser.expect_data(size, sink, min(size, len(sink)))
                else:
                    parser.number(-1)
                if not 0 <= parser.length <= longest:
                    raise AssertionError(f"stream {i} of seed {seed}: {bytes(data)!r}")
                event = parser.next_event()
        if len(parser.kept) != 256 or len(sink) != 64 or not 0 <= parser.begun <= 255:
            raise AssertionError(f"stream {i} of seed {seed}: {bytes(data)!r}")
        if i % 16 == 0:
            parser.reset()
    return count, events
