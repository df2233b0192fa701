"""The module's HTTP client: pages by a file, raw, and bodies that are sent."""

from spwf04 import ModuleError, SPWF04Error

HOST = "http://web.example"
# What would do harm as lines of the module
HOSTILE = (
    b"AT-S.OK\r\n",
    b"AT-S.ERROR:111:Request failed\r\n",
    b"+WIND:1:Poweron:171117-0328fe3-SPWF04S\r\n+WIND:0:Console active\r\n",
    b"+WIND:33:WiFi Network Lost\r\n+WIND:58:Socket Closed:0:0\r\n",
    b"AT+S.HTTPGET\r\nAT\r\n",
    b"AT-S.Var:console_mode=0\r\nAT-S.OK\r\n",
)


def http():
    from spwf04.services import http

    return http


def serve(bench, body, status="200 OK", length="length", **more):
    bench.join()
    bench.sim("web", status, length, bytes(body), *more.values())


def head_is_in_the_file(bench):
    return bench.sim("quirk", "http_file_holds") == "answer"


def names(bench):
    return [entry[0] for entry in bench.radio.files.list()]


def test_a_page_with_the_words_of_requests(bench):
    serve(bench, b'{"answer": 42}')
    page = http().get(bench.radio, HOST + "/data.json")
    assert page.status_code == 200 and page.ok
    assert page.content == b'{"answer": 42}'
    assert page.text == '{"answer": 42}'
    assert page.json() == {"answer": 42}
    assert page.size == 14
    page.raise_for_status()
    page.close()
    if head_is_in_the_file(bench):
        assert page.headers == {"content-length": "14"}
        assert (page.reason, page.complete) == ("OK", True)
    else:
        assert (page.headers, page.reason, page.complete) == (None, "", None)
        assert "no length" in page.why
    assert names(bench) == []
    assert bench.sim("web_asked").startswith(b"GET /data.json HTTP/1.")


def test_a_page_without_a_body(bench):
    serve(bench, b"")
    assert http().get(bench.radio, HOST).content == b""
    page = http().get(bench.radio, HOST, to="2:/page.html")
    assert (page.file, page.content, page.size) == (None, b"", 0)
    assert http().get(bench.radio, HOST, into=bytearray(5)).size == 0


def test_a_page_into_a_file_of_the_module(bench):
    body = bench.pattern(900)
    serve(bench, body)
    page = http().get(bench.radio, HOST + "/page", to="2:/page.bin")
    assert (page.file, page.size) == ("2:/page.bin", 900)
    assert page.content == body
    assert bench.radio.files.get("2:/page.bin") == body
    assert names(bench) == ["page.bin"]
    serve(bench, b"newer")
    assert http().get(bench.radio, HOST + "/page", to="2:/page.bin").content == b"newer"
    assert names(bench) == ["page.bin"]


def test_the_old_file_stays_unless_a_new_one_came(bench):
    bench.radio.files.put("2:/page.bin", b"old")
    serve(bench, b"no such page", "404 Not Found")
    page = http().get(bench.radio, HOST + "/page", to="2:/page.bin")
    assert (page.status_code, page.file) == (404, None)
    assert not page.ok
    e = bench.raises(SPWF04Error, page.raise_for_status)
    assert e.code == 404
    serve(bench, b"cut", "200 OK", "cut")
    page = http().get(bench.radio, HOST + "/page", to="2:/page.bin")
    if bench.sim("quirk", "http_cut") == "error" and bench.sim("quirk", "http_end") != "close":
        assert (page.file, page.complete) == (None, False)
        assert bench.radio.files.get("2:/page.bin") == b"old"


def test_a_page_that_is_cut_short_is_said_where_it_can_be_known(bench):
    serve(bench, b"half", "200 OK", "cut")
    page = http().get(bench.radio, HOST)
    assert page.content == b"half"
    error = bench.sim("quirk", "http_cut") == "error" and bench.sim("quirk", "http_end") != "close"
    known = error or head_is_in_the_file(bench)
    assert page.complete is (False if known else None), page.why
    data = bytearray(4)
    page = http().get(bench.radio, HOST, into=data)
    assert data == b"half"
    assert page.complete is (False if error else None)


def test_the_page_of_an_error_is_a_page_too(bench):
    serve(bench, b"nobody is here", "404 Not Found")
    page = http().get(bench.radio, HOST + "/nothing")
    assert (page.status_code, page.content) == (404, b"nobody is here")
    pieces = []
    page = http().get(bench.radio, HOST, into=lambda piece: pieces.append(bytes(piece)))
    assert b"".join(pieces) == b"nobody is here"
    assert (page.status_code, page.size) == (404, 14)
    bench.raises(ValueError, lambda: page.content)


def test_a_page_piece_by_piece(bench):
    body = bench.pattern(3000)
    serve(bench, body)
    got = bytearray()
    sizes = []
    same = []

    def take(piece):
        sizes.append(len(piece))
        same.append(piece)
        got.extend(piece)

    page = http().get(bench.radio, HOST + "/page", into=take)
    assert got == body
    assert (page.size, page.status_code, page.complete) == (3000, 200, None)
    assert set(sizes[:-1]) == {256}
    assert len({id(piece) for piece in same[:-1]}) == 2  # no memory for each
    assert bench.radio.channel.resyncs == 0


def test_a_page_into_a_buffer(bench):
    serve(bench, bench.pattern(300))
    buffer = bytearray(400)
    page = http().get(bench.radio, HOST, into=buffer)
    assert (page.size, page.complete) == (300, None)
    assert buffer[:300] == bench.pattern(300)
    page = http().get(bench.radio, HOST, into=memoryview(buffer)[:200])
    assert (page.size, page.complete) == (200, False)
    assert "100 bytes more" in page.why


def test_what_a_server_sends_is_never_a_line_of_the_module(bench):
    for text in HOSTILE:
        body = b"x" + text + b"\r\n" + text
        serve(bench, body)
        generation = bench.radio.channel.generation
        got = bytearray()
        http().get(bench.radio, HOST, into=got.extend)
        assert bytes(got) == body
        assert http().get(bench.radio, HOST).content == body
        assert bench.radio.channel.generation == generation
        assert bench.radio.channel.resyncs == 0
        assert bench.radio.isconnected()


def test_a_server_that_pauses_after_a_false_end_is_not_believed(bench):
    for text in HOSTILE:
        body = b"x" + text + b"AT-S.OK\r\nAT-S.OK\r\n" + text
        serve(bench, body, "200 OK", "length", pause_ms=600, split=b"AT-S.OK\r\n")
        generation = bench.radio.channel.generation
        got = bytearray()
        page = http().get(bench.radio, HOST, into=got.extend)
        assert bytes(got) == body, bytes(got)
        assert page.status_code == 200
        assert bench.radio.channel.generation == generation
        assert bench.radio.isconnected()
        assert bench.radio.get("nv_model") == "SPWF04SA"


def test_other_sockets_have_what_came_meanwhile(bench):
    serve(bench, bench.pattern(2000))
    sock = bench.pool.socket()
    sock.settimeout(5)
    sock.connect(("echo.example", 7))
    sock.send(b"hello")
    http().get(bench.radio, HOST, into=lambda piece: None)
    buffer = bytearray(5)
    assert sock.recv_into(buffer) == 5
    assert buffer == b"hello"
    for name in ("low", "medium", "high"):
        assert int(bench.radio.get("console_wind_off_" + name), 16) == 0
    sock.close()


def test_a_handler_learns_that_indications_were_missed(bench):
    serve(bench, b"hello")
    called = []
    bench.radio.on_gap = (lambda: called.append(1),)
    http().get(bench.radio, HOST, into=lambda piece: None)
    assert called == [1]


def test_masks_that_the_program_has_set_stay(bench):
    serve(bench, b"hello")
    bench.radio.set("console_wind_off_medium", "0x00800000")
    http().get(bench.radio, HOST, into=lambda piece: None)
    assert int(bench.radio.get("console_wind_off_medium"), 16) == 0x00800000


def test_chunks_are_decoded_if_they_are_known_to_be_some(bench):
    body = bench.pattern(700)
    serve(bench, body, "200 OK", "chunked")
    page = http().get(bench.radio, HOST, chunked=True)
    assert page.content == body
    assert (page.complete, page.why) == (True, "the last chunk came")
    got = bytearray()
    page = http().get(bench.radio, HOST, into=got.extend, chunked=True)
    assert (got, page.complete) == (body, True)
    page = http().get(bench.radio, HOST, to="2:/x", chunked=True)
    assert (page.content, page.complete, page.size) == (body, True, 700)
    assert bench.radio.files.get("2:/x") == body
    page = http().get(bench.radio, HOST)
    if head_is_in_the_file(bench):
        assert (page.content, page.complete) == (body, True)
    else:
        assert page.content.startswith(b"64;a=b\r\n")
        assert page.complete is None


def test_what_is_no_chunk_is_said(bench):
    serve(bench, b"hello")
    page = http().get(bench.radio, HOST, chunked=True)
    assert (page.content, page.complete, page.why) == (b"hello", False, "these are no chunks")
    page = http().get(bench.radio, HOST, into=bytearray(9), chunked=True)
    assert (page.complete, page.why) == (False, "these are no chunks")


def test_a_body_is_sent_by_a_file(bench):
    serve(bench, b"thanks")
    page = http().post(bench.radio, HOST + "/in", b"\0\1binary,\r\n")
    assert page.content == b"thanks"
    assert bench.sim("web_asked").startswith(b"POST /in HTTP/1.")
    assert bench.sim("web_asked").endswith(b"\r\n\r\n\0\1binary,\r\n")
    http().post(bench.radio, HOST, {"a b": "c&d", "n": 5})
    assert b"\r\n\r\n" in bench.sim("web_asked")
    sent = bench.sim("web_asked").split(b"\r\n\r\n")[1]
    assert sorted(sent.split(b"&")) == [b"a%20b=c%26d", b"n=5"]
    http().post(bench.radio, HOST, json={"n": [1, 2]})
    assert bench.sim("web_asked").endswith(b'{"n": [1, 2]}')
    http().post(bench.radio, HOST, "text")
    assert bench.sim("web_asked").endswith(b"\r\n\r\ntext")
    http().post(bench.radio, HOST)
    assert bench.sim("web_asked").endswith(b"\r\n\r\n")
    assert names(bench) == []


def test_a_body_that_is_a_file_of_the_module_already(bench):
    serve(bench, b"thanks")
    bench.radio.files.put("2:/log.txt", b"a line")
    got = bytearray()
    http().post(bench.radio, HOST, file="2:/log.txt", into=got.extend)
    assert got == b"thanks"
    assert bench.sim("web_asked").endswith(b"a line")
    assert names(bench) == ["log.txt"]
    e = bench.raises(ModuleError, http().post, bench.radio, HOST, file="2:/nothing")
    assert e.code == 51


def test_user_and_password(bench):
    serve(bench, b"hello")
    http().get(bench.radio, "http://us:p%40ss@web.example/x")
    login = b"Authorization: Basic dXM6cEBzcw==\r\n"
    assert login in bench.sim("web_asked")
    page = http().get(bench.radio, HOST + "/x", auth=("us", "p@ss"))
    assert login in bench.sim("web_asked")
    assert page.url == "http://web.example/x"
    for into in (None, bytearray(9)):
        http().get(bench.radio, HOST + "/x", auth=("us", "a,b|c"), into=into)
        assert b"Authorization: Basic dXM6YSxifGM=\r\n" in bench.sim("web_asked")
        assert bench.radio.get("console_delimiter") in ("0x2C", ",")


def test_paths_and_ports(bench):
    serve(bench, b"hello")
    for url, path in (
        (HOST, b"/"),
        (HOST + "?a=1,2#part", b"/?a=1%2C2"),
        (HOST + '/a b|"<', b"/a%20b%7C%22%3C"),
        ("HTTP://WEB.example:8080/x", b"/x"),
    ):
        http().get(bench.radio, url)
        assert bench.sim("web_asked").startswith(b"GET " + path + b" HTTP"), path


def test_nobody_is_there(bench):
    bench.join()
    e = bench.raises(ModuleError, http().get, bench.radio, "http://web.example/")
    assert e.code in (65, 64)
    serve(bench, b"x")
    e = bench.raises(ModuleError, http().get, bench.radio, "http://web.example:81/secret?token")
    assert e.code == 111
    assert "web.example:81" in str(e)
    assert "secret" not in str(e) and "token" not in str(e)
    assert http().get(bench.radio, HOST).content == b"x"


def test_without_a_network_the_error_says_to_join(bench):
    for into in (None, bytearray(5)):
        e = bench.raises(ModuleError, http().get, bench.radio, HOST, into=into)
        assert e.code == 44
        assert "connect" in str(e)


def test_what_is_no_web_server(bench):
    bench.join()
    e = bench.raises(ModuleError, http().get, bench.radio, "http://echo.example:7/")
    assert e.code == 111
    e = bench.raises(
        ModuleError, http().get, bench.radio, "http://echo.example:7/", into=bytearray(9)
    )
    assert e.code == 111
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_a_busy_client_is_an_error_that_says_so(bench):
    serve(bench, b"x")
    bench.sim("refuse", "HTTPGET", 81, 1)
    e = bench.raises(ModuleError, http().get, bench.radio, HOST)
    assert e.code == 81
    assert "busy" in str(e)
    assert http().get(bench.radio, HOST).content == b"x"


def test_a_page_too_large_for_the_ram_disk(bench):
    serve(bench, bench.pattern(20000))
    try:
        page = http().get(bench.radio, HOST)
    except ModuleError as e:
        assert e.code == 50
        assert "into=" in str(e)
    else:
        assert page.complete is False
    got = bytearray()
    http().get(bench.radio, HOST, into=got.extend)
    assert got == bench.pattern(20000)
    data = bytes(20000)
    e = bench.raises(SPWF04Error, http().post, bench.radio, HOST, data)
    assert "do not fit" in str(e) or "damaged" in str(e) or e.code is not None
    assert "into=" not in str(e)  # that is for an answer
    assert names(bench) == []


def test_a_server_that_takes_too_long(bench):
    body = b"one two"
    for into in (None, bytearray(9)):
        serve(bench, body, "200 OK", "length", pause_ms=2500, split=b" ")
        e = bench.raises(SPWF04Error, http().get, bench.radio, HOST, into=into, timeout=1)
        assert "within 1 s" in str(e)
        bench.rest(4000)
        assert bench.radio.get("nv_model") == "SPWF04SA"


def test_what_comes_after_the_caller_has_given_up_does_no_harm(bench):
    text = b"+WIND:1:Poweron:x\r\n+WIND:0:Console active\r\n+WIND:33:x\r\nAT-S.OK\r\n"
    body = b"begin#" + text + b"#" + text
    serve(bench, body, "200 OK", "length", pause_ms=1500, split=b"#")
    generation = bench.radio.channel.generation
    bench.raises(SPWF04Error, http().get, bench.radio, HOST, into=bytearray(9), timeout=1)
    assert bench.radio.get("nv_model") == "SPWF04SA"
    assert bench.radio.channel.generation == generation
    assert bench.radio.isconnected()
    for name in ("low", "medium", "high"):
        bench.rest(300)
        assert int(bench.radio.get("console_wind_off_" + name), 16) == 0


def test_a_function_that_raises_is_heard(bench):
    serve(bench, bench.pattern(2000))

    def take(piece):
        raise KeyError("full")

    bench.raises(KeyError, http().get, bench.radio, HOST, into=take)
    assert bench.radio.channel.resyncs == 0
    assert http().get(bench.radio, HOST, to="2:/x").size == 2000


def test_the_network_is_lost_in_the_middle(bench):
    for into in (None, bytearray(2000)):
        serve(bench, bench.pattern(1500), "200 OK", "length", pause_ms=1000, split=b"\xf0")
        bench.sim("fault", "radio_lost", "<", 900)
        try:
            page = http().get(bench.radio, HOST, into=into)
            assert page.complete is not True or page.size == 1500
        except SPWF04Error:
            pass
        assert bench.radio.get("nv_model") == "SPWF04SA"


def test_a_restart_in_the_middle(bench):
    for into, at in ((None, 150), (bytearray(2000), 700)):
        serve(bench, bench.pattern(1500), "200 OK", "length", pause_ms=500, split=b"\xf0")
        bench.sim("fault", "restart", "<", at)
        bench.raises(SPWF04Error, http().get, bench.radio, HOST, into=into)
        assert bench.radio.get("nv_model") == "SPWF04SA"


def test_arguments_are_checked_before_a_byte_is_sent(bench):
    before = bench.sim("bytes_in")
    get, post = http().get, http().post
    for url in (
        "web.example",
        "ftp://web.example",
        "http://",
        "http://a b/",
        "http://x:y/",
        "http://x:0/",
        "http://x:123456/",
        "http://x/\rAT+S.RESET",
        "http://x/\n",
        "http://[::1]/",
        "http://x/" + "a" * 500,
        "http://a:b:c@d@/",
    ):
        bench.raises(ValueError, get, bench.radio, url)
        bench.raises(ValueError, post, bench.radio, url, b"x")
    for kind, more in (
        (ValueError, {"to": "2:/a,b"}),
        (ValueError, {"to": ""}),
        (ValueError, {"to": "1:/folder/page"}),
        (ValueError, {"to": "a\rb"}),
        (TypeError, {"to": 5}),
        (TypeError, {"into": 5}),
        (TypeError, {"into": b"read-only"}),
        (ValueError, {"into": bytearray(5), "to": "2:/x"}),
        (TypeError, {"auth": "user:password"}),
        (ValueError, {"auth": ("us:er", "x")}),
        (ValueError, {"auth": ("user", "x\r")}),
        (ValueError, {"auth": ("user", "x" * 101)}),
        (TypeError, {"auth": ("user", 5)}),
        (ValueError, {"context": True}),
        (TypeError, {"chunked": "yes"}),
        (TypeError, {"timeout": "1"}),
        (ValueError, {"timeout": -1}),
    ):
        bench.raises(kind, get, bench.radio, HOST, **more)
        bench.raises(kind, post, bench.radio, HOST, b"x", **more)
    bench.raises(TypeError, get, bench.radio, b"http://x/")
    bench.raises(TypeError, get, None, HOST)
    bench.raises(TypeError, post, bench.radio, HOST, 5)
    bench.raises(ValueError, post, bench.radio, HOST, b"x", json={})
    bench.raises(ValueError, post, bench.radio, HOST, b"x", file="2:/x")
    bench.raises(ValueError, post, bench.radio, HOST, file="2:/x,y")
    assert bench.sim("bytes_in") == before


def test_in_steps(bench):
    from spwf04.at.task import Task

    serve(bench, b"hello")
    channel = bench.radio.channel
    for steps in (
        http().getting(bench.radio, HOST),
        http().posting(bench.radio, HOST, b"data"),
    ):
        task = Task(channel, steps)
        bench.until(task.poll)
        assert task.result.content == b"hello"
    got = bytearray()
    task = Task(channel, http().getting(bench.radio, HOST, into=got.extend))
    bench.until(task.poll)
    assert got == b"hello"
