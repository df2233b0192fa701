"""The parser alone: bytes in, events out."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spwf04.at import parser as p
from spwf04.at.parser import Parser
from tests import ALL

ERROR, INDICATION = p.ERROR, p.INDICATION
LINE, NEED_DATA, OK = p.LINE, p.NEED_DATA, p.OK

NAMES = {LINE: "line", INDICATION: "wind", OK: "ok", ERROR: "error"}


def events(chunks, parser=None, payload=None):
    """Feed chunks; a line "AT-S.Reading:<n>:…" announces n bytes of payload."""
    parser = parser or Parser()
    seen = []
    for chunk in chunks:
        parser.receive_data(chunk)
        while (event := parser.next_event()) != NEED_DATA:
            if payload is not None:  # it is whole, or there would be no event
                seen.append(("data", bytes(payload)))
                payload = None
            seen.append((NAMES[event], parser.raw()))
            if parser.starts(b"AT-S.Reading:"):
                payload = bytearray(parser.number(1))
                parser.expect_data(len(payload), payload, len(payload))
    return seen


def plain(data, size, cut):
    """Feed data in pieces of `cut` bytes where a payload of `size` bytes may come unannounced."""
    parser = Parser()
    parser.plain = True
    seen = []
    payload = bytearray(size)
    for at in range(0, len(data), cut):
        if parser.receive_data(data[at : at + cut]):
            continue
        while (event := parser.next_event()) != NEED_DATA:
            if event == LINE and not parser.length and not parser.strict:
                assert parser.take_plain(size, payload)
                seen.append(payload)
            else:
                seen.append((NAMES[event], parser.raw()))
    return [bytes(x) if isinstance(x, bytearray) else x for x in seen]


@pytest.mark.parametrize("cut", [1, 2, 3, 5, 64, 999])
@pytest.mark.parametrize(
    "payload",
    [
        b"A",
        b"AT",
        b"AT-S",
        b"+WIN",
        b"AT-s.OK",
        b"\0",
        b"\r\n",
        b"hello\r\nAT-S.OK\r\n",
        b"x" * 400,
    ],
)
def test_a_payload_that_nothing_announces_begins_where_no_line_of_the_module_does(payload, cut):
    before = b"+WIND:14:x\r\n"
    seen = plain(before + payload + b"AT-S.OK\r\n", len(payload), cut)
    assert seen == [("wind", b"+WIND:14:x"), payload, ("ok", b"AT-S.OK")]


@pytest.mark.parametrize("cut", [1, 4, 99])
def test_what_begins_like_a_line_of_the_module_is_one(cut):
    for line in (b"AT-S.Read Cap:5", b"AT-S.Skip CA"):
        assert plain(line + b"\r\n", 5, cut) == [("line", line)]
    assert plain(b"AT-S.ERROR:51:x\r\n", 5, cut) == [("error", b"AT-S.ERROR:51:x")]


def test_after_the_end_of_a_reply_no_payload_is_expected():
    assert plain(b"AT-S.OK\r\nhello\r\n", 5, 99) == [("ok", b"AT-S.OK"), ("line", b"hello")]


def test_a_line_ends_with_lf_and_loses_its_cr():
    assert events([b"AT-S.Query:31\r\n"]) == [("line", b"AT-S.Query:31")]


def test_every_spelling_of_ok_is_ok():
    for text in (b"AT-S.OK", b"AT-S.OK:", b"AT-S.OK:20123", b"AT-S.OK:20123:10"):
        assert events([text + b"\r\n"]) == [("ok", text)]


def test_a_word_that_begins_with_ok_is_not_ok():
    assert events([b"AT-S.OKAY\r\n"]) == [("line", b"AT-S.OKAY")]


def test_an_error_may_lack_its_text():
    for text, code in (
        (b"AT-S.ERROR:74:Failed", 74),
        (b"AT-S.ERROR:111:", 111),
        (b"AT-S.ERROR", -1),
    ):
        parser = Parser()
        parser.receive_data(text + b"\r\n")
        assert parser.next_event() == ERROR
        assert parser.number(1) == code


def test_an_indication_is_known_by_its_number():
    parser = Parser()
    parser.receive_data(b"+WIND:55:Pending Data::3:31:462\r\n")
    assert parser.next_event() == INDICATION
    assert [parser.number(n) for n in (1, 3, 4, 5, 6, 7, -1)] == [55, -1, 3, 31, 462, -1, 462]


def test_an_indication_without_a_number_is_a_line():
    assert events([b"+WIND:\r\n", b"+WIND:x\r\n"]) == [("line", b"+WIND:"), ("line", b"+WIND:x")]


def test_nuls_at_the_start_of_a_line_are_dropped():
    assert events([b"\0\0AT-S.OK\r\n\0+WIND:67:x\r\n"]) == [
        ("ok", b"AT-S.OK"),
        ("wind", b"+WIND:67:x"),
    ]


def test_empty_lines_are_no_events():
    assert events([b"\r\n\n\r\r\nAT-S.OK\r\n"]) == [("ok", b"AT-S.OK")]


def test_ok_follows_the_payload_without_a_line_end():
    assert events([b"AT-S.Reading:5:5\r\nhelloAT-S.OK\r\n"]) == [
        ("line", b"AT-S.Reading:5:5"),
        ("data", b"hello"),
        ("ok", b"AT-S.OK"),
    ]


def test_data_that_looks_like_ok_is_data():
    payload = b"AT-S.OK\r\n+WIND:58:Socket Closed:0:0\r\n\0\0AT-S.ERROR:1:\r\n"
    head = b"AT-S.Reading:%d:0\r\n" % len(payload)
    assert events([head + payload + b"AT-S.OK\r\n"])[1:] == [("data", payload), ("ok", b"AT-S.OK")]


TRANSCRIPT = (
    b"AT+S.SOCKR=0,31\r\n"
    b"+WIND:55:Pending Data::0:31:31\r\n"
    b"AT-S.Reading:31:31\r\n"
    b"AT-S.OK\r\n+WIND:55:x\r\n\0\0\0\0\0\0\0\0\0\0"
    b"+WIND:58:Socket Closed:0:0\r\n"
    b"AT-S.OK\r\n"
    b"\0+WIND:24:WiFi Up::fe80:0:0:0:280:e1ff:fec4:2d\r\n"
    b"AT-S.ERROR:77:Pending data\r\n"
)


def test_the_same_events_wherever_the_stream_is_cut_in_three():
    whole = events([TRANSCRIPT])
    assert len(whole) == 8
    for a, b in itertools.combinations(range(len(TRANSCRIPT)), 2):
        assert events([TRANSCRIPT[:a], TRANSCRIPT[a:b], TRANSCRIPT[b:]]) == whole


@given(st.lists(st.integers(1, 70), min_size=1))
def test_the_same_events_however_the_stream_is_cut(sizes):
    chunks, rest = [], TRANSCRIPT
    for size in itertools.cycle(sizes):
        if not rest:
            break
        chunks.append(rest[:size])
        rest = rest[size:]
    assert events(chunks) == events([TRANSCRIPT])


def test_an_indication_at_every_line_boundary_changes_nothing_else():
    lines = [b"AT-S.Query:3\r\n", b"AT-S.Reading:3:3\r\n", b"abc", b"AT-S.OK\r\n"]
    plain = events(lines)
    for mask in range(1 << 5):
        noisy = []
        for n, line in enumerate(lines):
            # never inside: between the Reading line and its data nothing was ever seen [a.4]
            if mask & 1 << n and line != b"abc":
                noisy.append(b"+WIND:55:Pending Data::0:1:4\r\n")
            noisy.append(line)
        assert [e for e in events(noisy) if e[0] != "wind"] == plain


def test_payload_beyond_the_room_goes_to_the_spill():
    parser = Parser()
    sink, spill = bytearray(4), bytearray(3)
    parser.expect_data(7, sink, 4, spill)
    parser.receive_data(b"abcdefgAT-S.OK\r\n")
    assert parser.next_event() == OK
    assert (bytes(sink), bytes(spill)) == (b"abcd", b"efg")


def test_payload_without_a_sink_is_dropped():
    parser = Parser()
    parser.expect_data(7, None, 0)
    parser.receive_data(b"abcdefgAT-S.OK\r\n")
    assert parser.next_event() == OK


def test_the_callers_buffer_never_grows():
    for size in range(1, 20):
        sink = bytearray(4)
        parser = Parser()
        parser.expect_data(12, sink, 4, bytearray(2))
        for at in range(0, 12, size):
            parser.receive_data(b"abcdefghijkl"[at : at + size])
            parser.next_event()
        assert sink == b"abcd"


def test_the_callers_buffer_never_grows_when_chunks_are_not_full():
    for size in range(1, 13):
        sink, spill = bytearray(4), bytearray(6)
        parser = Parser()
        parser.expect_data(12, sink, 4, spill)
        for at in range(0, 12, size):
            piece = b"abcdefghijkl"[at : at + size]
            parser.receive_data(bytearray(piece.ljust(16, b"?")), len(piece))
            parser.next_event()
        assert (sink, spill) == (b"abcd", b"efghij")


@pytest.mark.parametrize("size", [1, 3, 16, 40, 64])
def test_a_line_longer_than_the_memory_keeps_its_head(size):
    line = b"AT-S.Var:x=" + b"y" * 100
    data = line + b"\r\nAT-S.OK\r\n"
    parser = Parser(64)
    seen = []
    for at in range(0, len(data), size):
        parser.receive_data(data[at : at + size])
        while (event := parser.next_event()) != NEED_DATA:
            seen.append((event, parser.raw()))
    assert [event for event, _ in seen] == [LINE, OK]
    assert line.startswith(seen[0][1])
    assert len(seen[0][1]) >= 48


def test_a_line_that_is_whole_is_not_copied():
    parser = Parser()
    chunk = b"\0+WIND:67:x\r\nAT-S.OK\r\n"
    parser.receive_data(chunk)
    for word in (b"+WIND:67:x", b"AT-S.OK"):
        parser.next_event()
        assert parser.line is chunk
        assert chunk[parser.start : parser.start + parser.length] == word


def test_what_is_left_of_an_older_line_is_never_seen():
    parser = Parser()
    parser.receive_data(b"AT-S.OK\r\nAT-\r\n")
    assert parser.next_event() == OK
    assert parser.next_event() == LINE
    assert not parser.starts(b"AT-S.OK")


def test_a_number_too_large_to_be_meant_is_none():
    parser = Parser()
    parser.receive_data(b"AT-S.Reading:99999999999999999999:1\r\n")
    parser.next_event()
    assert parser.number(1) == -1


FIELDS = st.lists(st.text("0123456789a-", max_size=11), min_size=1, max_size=6)


@settings(max_examples=500 if ALL else 200)
@given(FIELDS, st.lists(st.integers(-7, 7)), st.booleans())
def test_numbers_are_found_in_any_order(fields, asked, cut):
    parser = Parser()
    parser.receive_data(b"1:2:3\r\n")  # the rest of the piece is no part of the line
    assert parser.next_event() == LINE
    line = b"x:" + ":".join(fields).encode() + b"\r\n"
    if cut:
        parser.receive_data(line[:3])
        assert parser.next_event() == NEED_DATA
        line = line[3:]
        parser.receive_data(line)
    else:
        parser.receive_data(b"7:8\r\n" + line)
        assert parser.next_event() == LINE
    assert parser.next_event() == LINE
    fields = ["x", *fields]
    for n in asked:
        there = -len(fields) <= n < len(fields) and fields[n].isdigit()
        value = int(fields[n]) if there else -1
        assert parser.number(n) == (value if value < 10**9 else -1), n


def test_the_last_field_of_a_line_without_colons_is_the_line():
    parser = Parser()
    parser.receive_data(b"5:\r\n17\r\n")
    assert parser.next_event() == parser.next_event() == LINE
    assert parser.number(-1) == 17
    assert parser.number(-2) == -1


@settings(max_examples=500 if ALL else 200)
@given(st.lists(st.binary(max_size=80)), st.integers(0, 300))
def test_no_bytes_make_it_raise_or_grow(chunks, announced):
    parser = Parser(64)
    sink = bytearray(40)
    for chunk in chunks:
        parser.receive_data(chunk)
        while (event := parser.next_event()) != NEED_DATA:
            if event == LINE:
                parser.expect_data(announced, sink, min(announced, len(sink)))
            for field in range(-2, 8):
                parser.number(field)
            assert len(parser.text()) <= max(63, len(chunk))  # kept text, or a line in one piece
    assert len(sink) == 40
    assert len(parser.kept) == 64


# messages of MQTT -------------------------------------------------------------------------------
def messages(data, cut, wild=False, room=None):
    """Feed data in pieces; a message goes into a buffer. [message, or what else there was]"""
    parser = Parser()
    parser.messages().wild = wild
    seen = []
    buffer = bytearray()
    for at in range(0, len(data), cut):
        part = data[at : at + cut]
        # As uart.py hands it over: behind the piece there is what was there before
        if parser.receive_data(bytearray(part + b"\x35" * (cut - len(part))), len(part)):
            continue
        while (event := parser.next_event()) != NEED_DATA:
            if event != INDICATION or parser.code != 86:
                seen.append((NAMES[event], parser.raw()))
            elif parser.message is not None:
                head = parser.raw()
                buffer = bytearray(parser.message.fields[3])
                if room is None:
                    parser.message.expect(buffer, 0)
            else:
                seen.append((head, bytes(buffer)) if parser.messages().whole else "lost")
    assert not parser.begun and not parser.remaining
    return seen


def published(topic, data, flags=b"0:0:0", total=None):
    """The line of a message."""
    total = len(data) if total is None else total
    head = b"+WIND:86:MQTT Published:0:%s:%s:%d:%d:" % (topic, flags, len(data), total)
    return head, head + data + b"\r\n"


HOSTILE = b"\r\nAT-S.OK\r\n+WIND:1:x\r\nAT-S.ERROR:1:\r\n\0\0:0:0:0:5:5:"
AFTER = b"+WIND:55:x\r\nAT-S.OK\r\n"
OTHERS = [("wind", b"+WIND:55:x"), ("ok", b"AT-S.OK")]


@pytest.mark.parametrize("wild", [False, True])
@pytest.mark.parametrize("cut", [1, 2, 3, 7, 16, 64, 999])
@pytest.mark.parametrize("data", [b"", b"x", b"\r\n", b"\n", b"\0", HOSTILE[:-11], b"y" * 600])
def test_a_message_is_taken_by_its_length(data, cut, wild):
    head, line = published(b"a/b", data)
    assert messages(b"\0" + line + line + AFTER, cut, wild) == [(head, data)] * 2 + OTHERS


@pytest.mark.parametrize("cut", [1, 5, 64, 999])
def test_no_text_of_a_message_becomes_a_line(cut):
    head, line = published(b"a", HOSTILE)
    assert messages(line + AFTER, cut) == [(head, HOSTILE), *OTHERS]


@pytest.mark.parametrize("cut", [1, 5, 64, 999])
@pytest.mark.parametrize(
    "topic",
    [
        b"a:0:0:0:0:0:",
        b"a:0:0:0:5:5:",
        b"a:0:0:0:5:5:b",
        b"a:0:0:0:20:20:",
        b"a:0:0:0:21:21:",
        b"a:0:0:0:40:40:",
        b"a:0:0:0:40:400:" + b":0:0:0:1:1:" * 5,
        b"a:1",
        b"a:1:1:1:1:1",
    ],
)
def test_no_topic_with_colons_makes_a_message_a_line(topic, cut):
    for size in range(30):
        data = b"x" * size + HOSTILE[:-11]
        _, line = published(topic, data)
        seen = messages(line + AFTER, cut, True)
        assert seen[-2:] == OTHERS
        assert len(seen) == 3 and (seen[0] == "lost" or seen[0][1] == data)


@given(
    st.text("ab:012", max_size=30).map(str.encode),
    st.lists(st.sampled_from([b"\r\n", b"+WIND:1:", b"AT-S.OK\r\n", b"x", b"5", b":0:0:0:4:4"])),
    st.integers(1, 70),
)
def test_no_topic_and_no_message_becomes_a_line(topic, parts, cut):
    data = b"".join(parts)
    _, line = published(topic, data)
    seen = messages(line, cut, True)
    assert len(seen) < 2  # none: it looks longer than it is, which costs what follows


@pytest.mark.parametrize("cut", [1, 5, 999])
@pytest.mark.parametrize(
    "damaged",
    [
        b"+WIND:86:x\r\n",
        b"+WIND:86:MQTT Published:0:a:b:0:0:1:1:x\r\n",
        b"+WIND:86:MQTT Published:0:a:0:0:0:55:5:" + HOSTILE + b"\r\n",
        b"+WIND:86:MQTT Published:0:a:0:0:0:5:5:" + HOSTILE + b"\r\n",
        b"+WIND:86:MQTT Published:0:a:0:0:059:59:" + HOSTILE + b"\r\n",
        b"+WIND:86:\n",
    ],
)
def test_after_a_damaged_message_nothing_is_believed_before_the_next_one(damaged, cut):
    """Bytes were lost, and what follows may be a message. Else silence ends it."""
    head, line = published(b"a", HOSTILE[:-11])
    seen = messages(damaged + line + line + AFTER, cut)
    assert "lost" in seen and seen[-2:] == OTHERS
    assert {one for one in seen if one != "lost"} <= {(head, HOSTILE[:-11]), *OTHERS}


def test_a_message_that_nobody_wants_is_dropped():
    assert messages(published(b"a", HOSTILE)[1] + AFTER, 9, False, 0)[-2:] == OTHERS


def test_a_head_that_is_longer_than_the_memory_is_cut():
    head, line = published(b"t" * 300, HOSTILE)
    seen = messages(line + AFTER, 20)
    assert seen == [(head[:255], HOSTILE), *OTHERS]


def test_a_message_may_come_within_a_reply_and_behind_a_payload():
    _, line = published(b"a", HOSTILE)
    parser = Parser()
    parser.messages().wild = False
    data = bytearray(3)
    parser.receive_data(line + b"AT-S.Reading:3:3\r\nabc" + line + b"AT-S.OK\r\n")
    kinds = []
    while event := parser.next_event():
        kinds.append(event)
        if event == LINE:
            parser.expect_data(3, data, 3)
    assert kinds == [INDICATION, INDICATION, LINE, INDICATION, INDICATION, OK]
    assert data == b"abc"


def test_after_a_reset_nothing_of_a_message_is_left():
    _, line = published(b"a", b"hello")
    for wild in (False, True):
        for n in range(9, len(line)):
            parser = Parser()
            parser.messages().wild = wild
            parser.receive_data(line[:n])
            while parser.next_event():
                pass
            parser.reset()
            parser.receive_data(b"AT-S.OK\r\n")
            assert parser.next_event() == OK


@pytest.mark.parametrize("size", [1, 2, 9, 999])
def test_a_payload_without_an_announcement_that_begins_with_a_nul_is_no_message(size):
    data = b"\0+WIND:86:MQTT Published:0:a:0:0:0:3:3:abc\r\n"
    reading = Parser()
    reading.plain = True
    got = bytearray(len(data))
    for at in range(0, len(data), size):
        piece = data[at : at + size]
        if not reading.receive_data(piece):
            while event := reading.next_event():
                assert event == LINE and reading.take_plain(len(data), got)
    assert got == data
