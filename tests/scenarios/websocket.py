"""The module's WebSocket client."""

from spwf04 import ModuleError, SPWF04Error
from spwf04.services.websocket import ConnectionClosed, connect

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
URL = "ws://ws.example/chat?room=1"


def opened(bench, echoes=True, **options):
    bench.join()
    bench.sim("link_servers", echoes)
    last = int(bench.sim("quirk", "websocket_last"))
    return connect(bench.radio, URL, last=last, **options)


def test_str_is_sent_as_text_and_bytes_as_binary(bench):
    with opened(bench) as ws:
        ws.send("h\u00e4llo")
        assert ws.recv(decode=True) == "h\u00e4llo"
        ws.send(b"\0\r\nAT-S.OK\r\n")
        assert ws.recv() == b"\0\r\nAT-S.OK\r\n"
        first, second = bench.sim("web_got")
        assert first == [TEXT, "h\u00e4llo".encode(), 1]
        assert second == [BINARY, b"\0\r\nAT-S.OK\r\n", 1]
        assert b"GET /chat?room=1 HTTP/1.1" in bench.sim("web_head")


def test_each_message_comes_as_it_was_sent(bench):
    ws = opened(bench, False, decode=True)
    for text in (b"one", b"", b"three" * 300, b"4"):
        bench.sim("web_says", TEXT, text)
    assert [ws.recv() for _ in range(4)] == ["one", "", "three" * 300, "4"]
    assert not ws.readable()
    ws.close()


def test_a_long_message_is_sent_in_fragments_and_comes_whole(bench):
    ws = opened(bench)
    data = bytes(bench.pattern(3000))
    ws.send(data)
    assert ws.recv() == data
    got = bench.sim("web_got")
    assert [frame[0] for frame in got] == [BINARY] + [0] * (len(got) - 1)
    assert [frame[2] for frame in got] == [0] * (len(got) - 1) + [1]
    ws.close()


def test_fragments_can_be_sent_one_by_one(bench):
    ws = opened(bench, False)
    ws.send(["a", "bc", "d"])
    bench.until(lambda: bench.poll() or len(bench.sim("web_got")) == 3)
    assert bench.sim("web_got") == [[TEXT, b"a", 0], [0, b"bc", 0], [0, b"d", 1]]
    ws.close()


def test_a_message_is_read_in_parts_into_a_buffer(bench):
    ws = opened(bench, False)
    bench.sim("web_says", BINARY, b"abcdef", 0)
    bench.sim("web_says", 0, b"ghi", 1)
    bench.sim("web_says", BINARY, b"next")
    buffer = bytearray(4)
    for nbytes, message in ((0, b"abcdefghi"), (2, b"next")):
        parts = []
        ended = False
        while not ended:
            n = ws.recv_into(buffer, nbytes)
            assert 0 < n <= (nbytes or 4)
            parts.append(bytes(buffer[:n]))
            ended = ws.ended
        assert b"".join(parts) == message and len(parts) > 1
    ws.close()


def test_pings_are_answered_by_the_module(bench):
    ws = opened(bench)
    bench.sim("web_says", PING, b"there?")
    ws.send("x")
    assert ws.recv() == b"x"
    assert [PONG, b"there?", 1] in bench.sim("web_got")
    ws.close()


def test_messages_are_iterated_over_until_the_server_closes(bench):
    ws = opened(bench, False)
    for text in (b"one", b"two"):
        bench.sim("web_says", TEXT, text)
    bench.rest(200)
    bench.sim("web_says", CLOSE, b"\3\xe8")
    bench.rest(200)
    kept = bench.sim("quirk", "websocket_gone") == "kept"
    if kept:
        assert list(ws) == [b"one", b"two"]
    e = bench.raises(ConnectionClosed, ws.recv)
    assert e.clean
    assert (e.reason is None) is (not bench.sim("quirk", "websocket_reason"))
    bench.raises(ConnectionClosed, ws.send, "x")
    ws.close()
    assert bench.sim("links_taken") == 0


def test_the_code_of_a_close(bench):
    for code, sent in ((1000, b"\3\xe8"), (1001, b"\3\xe9")):
        ws = opened(bench)
        ws.close(code)
        assert bench.sim("web_got")[-1] == [CLOSE, sent, 1]
        ws.close()
    for code in (0, 999, 1002, 4000, "1000"):
        bench.raises(ValueError, ws.close, code)


def test_what_was_not_read_is_thrown_away_at_a_close(bench):
    ws = opened(bench, False)
    bench.sim("web_says", BINARY, bytes(bench.pattern(2000)))
    bench.rest(100)
    ws.close()
    assert bench.sim("links_taken") == 0
    bench.raises(ConnectionClosed, ws.recv)


def test_an_indication_that_is_missing_costs_time_and_no_byte(bench):
    ws = opened(bench, False)
    bench.radio.channel.on_indication[88] = lambda parser: None
    bench.sim("web_says", BINARY, b"unheard")
    message, ms = bench.spent(ws.recv)
    assert message == b"unheard"
    assert ws.guessed == 1 and ms < 3000
    bench.sim("web_says", CLOSE, b"")
    bench.raises(ConnectionClosed, ws.recv)
    ws.close()


def test_nor_does_it_for_a_program_that_never_waits(bench):
    ws = opened(bench, False)
    bench.radio.channel.on_indication[88] = lambda parser: None
    bench.sim("web_says", BINARY, b"unheard")
    got = []

    def poll():
        try:
            got.append(ws.recv(0))
        except OSError as e:
            assert e.args[0] == 11
        return got

    assert bench.until(poll) and got == [b"unheard"]
    ws.close()


def test_an_indication_that_is_late_or_told_twice_cuts_no_message(bench):
    ws = opened(bench, False)
    late = b"+WIND:88:WebSocket Data:%d:1:1:5:5\r\n" % ws.id
    tell = bench.radio.channel.on_indication.pop(88)
    bench.sim("web_says", BINARY, b"first")
    assert ws.recv() == b"first"
    bench.radio.channel.on_indication[88] = tell
    bench.sim("garbage", late)
    bench.sim("web_says", BINARY, b"second one")
    assert ws.recv() == b"second one"
    bench.sim("garbage", late)
    assert bench.raises(OSError, ws.recv, 3).args[0] not in (None, 104)
    bench.sim("web_says", BINARY, b"third")
    assert ws.recv() == b"third"
    ws.close()


def test_time_outs(bench):
    ws = opened(bench, False, timeout=1)
    e, ms = bench.spent(ws.recv)
    assert isinstance(e, OSError) and 900 <= ms <= 3000
    bench.sim("web_says", BINARY, b"begun ", 0)
    bench.raises(OSError, ws.recv, 0.5)
    e = bench.raises(OSError, ws.recv, 0)
    assert e.args[0] == 11
    bench.sim("web_says", 0, b"ended")
    assert ws.recv(None) == b"begun ended"
    ws.close()


def test_a_third_connection_is_refused_before_a_byte_is_sent(bench):
    first = opened(bench)
    second = connect(bench.radio, URL)
    before = bench.sim("bytes_in")
    e = bench.raises(SPWF04Error, connect, bench.radio, URL)
    assert e.remedy == "close_links" and "two" in str(e)
    assert bench.sim("bytes_in") == before
    second.close()
    second = connect(bench.radio, URL)
    first.close()
    second.close()


def test_what_an_earlier_run_has_left_is_closed(bench):
    ws = opened(bench)
    connect(bench.radio, URL)
    again = bench.another_radio()
    other = connect(again, URL, last=int(bench.sim("quirk", "websocket_last")))
    other.send(b"x")
    assert other.recv() == b"x"
    assert bench.sim("links_taken") == 1
    other.close()
    assert ws.id >= 0  # the driver of before knows nothing of it


def test_a_server_that_is_none(bench):
    bench.join()
    for url in ("ws://echo.example:7", "ws://echo.example:9"):
        e = bench.raises(ModuleError, connect, bench.radio, url)
        assert e.code in (74, 111) and e.remedy == "check_websocket"
    assert bench.raises(ModuleError, connect, bench.radio, "ws://nowhere.example").code == 65
    assert bench.sim("links_taken") == 0


def test_without_a_network_the_error_says_to_join(bench):
    assert bench.raises(ModuleError, connect, bench.radio, URL).code == 44


def test_the_network_is_lost(bench):
    ws = opened(bench)
    bench.sim("drop_link")
    bench.raises(ConnectionClosed, ws.recv, 20)
    ws.close()
    bench.until(bench.radio.isconnected)
    with connect(bench.radio, URL, last=int(bench.sim("quirk", "websocket_last"))) as ws:
        ws.send(b"x")
        assert ws.recv() == b"x"


def test_the_module_restarts(bench):
    ws = opened(bench)
    bench.sim("restart", "power")
    e = bench.raises(ConnectionClosed, ws.recv, 20)
    assert not e.clean
    bench.raises(ConnectionClosed, next, ws)
    ws.close()


def test_a_message_that_is_too_long_ends_it(bench):
    ws = opened(bench, False, max_size=100)
    bench.sim("web_says", BINARY, bytes(101))
    e = bench.raises(OSError, ws.recv)
    assert "100" in str(e)
    bench.raises(ConnectionClosed, ws.recv)
    ws.close()


def test_arguments_that_would_be_another_command_are_refused_before_a_byte_is_sent(bench):
    before = bench.sim("bytes_in")
    for url in (
        "http://a",
        "ws://",
        "ws://a b",
        "ws://a/\r\nAT+S.RESET",
        "ws://u:p@a",
        "ws://a:x",
    ):
        bench.raises(ValueError, connect, bench.radio, url)
    bench.raises(TypeError, connect, bench.radio, b"ws://a")
    for name in ("user", "password", "origin", "subprotocols"):
        for bad in ("a\rb", "a\nb", "a\0b"):
            bench.raises(ValueError, connect, bench.radio, URL, **{name: bad})
    bench.raises(ValueError, connect, bench.radio, URL, password="nobody's")
    bench.raises(ValueError, connect, bench.radio, URL, user="me:you", password="x")
    bench.raises(ValueError, connect, bench.radio, URL, last=2)
    bench.raises(ValueError, connect, bench.radio, URL, timeout=-5)
    bench.raises(ValueError, connect, bench.radio, URL, context=True)
    assert bench.sim("bytes_in") == before


def test_wrong_messages_are_refused(bench):
    ws = opened(bench)
    for bad in (None, 1, {}, [1], ["a", None]):
        assert "message" in str(bench.raises(TypeError, ws.send, bad))
    for bad in ("", b"", []):
        bench.raises(ValueError, ws.send, bad)
    bench.raises(TypeError, ws.recv_into, b"x")
    bench.raises(ValueError, ws.recv_into, bytearray())
    ws.close()


def test_a_message_that_was_broken_off_is_not_the_beginning_of_the_next_one(bench):
    ws = opened(bench, False)
    for bad in (["a", ""], ["a", 1]):  # nothing of it was sent
        bench.raises(Exception, ws.send, bad)
    ws.send("whole")

    def breaks():
        yield "a"
        yield "b"
        raise KeyError

    for bad in (["a", "b", ""], ["a", "b", 1], breaks()):
        bench.raises(Exception, ws.send, bad)
        bench.raises(ConnectionClosed, ws.send, "next")
        ws.close()
        assert bench.sim("web_got")[-2][:2] == [TEXT, b"a"]
        ws = opened(bench, False)
    ws.close()


def test_fields_with_a_comma(bench):
    bench.join()
    bench.sim("link_servers")
    ws = connect(bench.radio, URL, user="me", password="a,b|c", subprotocols=["a", "b"])
    head = bench.sim("web_head")
    assert b"Sec-WebSocket-Protocol: a, b" in head
    assert b"Authorization: Basic bWU6YSxifGM=" in head
    assert bench.radio.get("console_delimiter") in (",", "0x2C")
    ws.close()
