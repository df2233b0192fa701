"""The pages that the module serves by itself."""

from spwf04 import LinkLost, ModuleError, SPWF04Error
from spwf04.services.template import escaped, mark
from spwf04.services.web import WebPages

RAM = 2  # a volume that every reading can write
KEY = "a-key-of-my-own"


def shown(bench, page, *template):
    """A page that shows tokens, as a visitor gets it from the module."""
    page.upload("page.fhtml", "".join(template))
    bench.sim("browse", "/page.fhtml")
    return lambda: wait(bench, page)


def come(bench, browser="browsed"):
    """The page that the visitor gets."""
    got = []

    def whole():
        got.append(bench.sim(browser))
        return got[-1]

    assert bench.until(whole)
    return bytes(got[-1])


def wait(bench, pages):
    """As come(); nothing has gone wrong meanwhile."""
    page = come(bench)
    pages.poll()
    return page


def test_a_page_is_served(bench):
    bench.join()
    pages = WebPages(bench.radio, RAM)
    assert pages.upload("here.html", "<p>h\u00f6her") == "2:/here.html"
    bench.sim("browse", "/here.html")
    assert wait(bench, pages) == "<p>h\u00f6her".encode()
    pages.upload("/here.html", b"another")
    bench.sim("browse", "/here.html")
    assert wait(bench, pages) == b"another"


def test_a_template_shows_what_the_program_gives(bench):
    bench.join()
    pages = WebPages(bench.radio, RAM)
    pages.inputs(lambda: ["open", "", 21.5, None, 7, True])
    marks = [mark("input", n) + "," for n in range(7)]
    assert shown(bench, pages, *marks)() == b"open,,21.5,,7,1,,"


def test_a_dictionary_has_the_tokens_by_their_index(bench):
    bench.join()
    pages = WebPages(bench.radio, RAM)
    pages.inputs({2: "two", 0: "|zero;~^!"})
    marks = [mark("input", n) + "," for n in range(4)]
    assert shown(bench, pages, *marks)() == b"|zero;~^!,,two,,"


def test_the_parts_of_a_form(bench):
    bench.join()
    pages = WebPages(bench.radio, RAM)
    pages.inputs(["aName", "y", "", "aValue", "someText", "y", "aName", "aValue", "someText", ""])
    page = shown(
        bench,
        pages,
        *(mark("select", 0), mark("option", 3), mark("end_select")),
        *(mark("checkbox", 2), mark("checkbox", 6), mark("input", 4)),
    )
    assert page() == (
        b'<select name="aName" MULTIPLE><option SELECTED value="aValue">someText</select>'
        b'<input type="checkbox" name="" value="aValue" CHECKED>someText'
        b'<input type="checkbox" name="aName" value="aValue">someTextsomeText'
    )


def test_a_variable_is_shown_without_the_program(bench):
    bench.join()
    pages = WebPages(bench.radio, RAM)
    page = shown(bench, pages, mark("status", "build"), "/", mark("setting", "nv_model"))
    assert page() == ("%s/SPWF04SA" % bench.radio.get("build", "STS")).encode()


def test_a_page_is_answered_while_the_program_uses_sockets(bench):
    bench.join()
    pages = WebPages(bench.radio, RAM)
    pages.upload("page.fhtml", mark("input", 0))
    pages.inputs(["here"])
    sock = bench.pool.socket()
    sock.settimeout(5)
    sock.connect(("echo.example", 7))
    bench.sim("browse", "/page.fhtml")
    got = b""
    for _ in range(400):
        sock.sendall(b"x" * 100)
        left = 100
        while left:
            left -= len(sock.recv(left))
        got = bench.sim("browsed")
        if got:
            break
    assert got == b"here"
    sock.close()


def test_what_a_visitor_sends_reaches_the_program(bench):
    bench.join()
    pages = WebPages(bench.radio, RAM)
    heard = []
    pages.outputs(heard.append)
    bench.sim("browse", "/", b"Output=a:b,%20c%C3%B6")
    while not heard:
        assert pages.wait(10)
    assert heard == ["a:b, c\u00f6"]
    assert not pages.wait(0)


def test_what_a_visitor_changes_reaches_the_program(bench):
    bench.join()
    pages = WebPages(bench.radio, RAM)
    pages.lock(KEY)
    changes = []
    pages.changes(lambda name, value: changes.append((name, value)))
    bench.sim("browse", "/", b"Key=guessed&Scfg_blink_led=1")
    come(bench)
    assert bench.until(lambda: pages.poll() or changes)
    assert changes == [("Key", "guessed")]
    bench.sim("browse", "/", b"Key=%s&Scfg_blink_led=1" % KEY.encode())
    come(bench)
    assert bench.until(lambda: pages.poll() or changes[1:])
    assert changes[1:] == [("Scfg_blink_led", "1")]
    assert bench.radio.get("blink_led") == "1"


def test_a_file_that_came_is_told(bench):
    bench.join()
    pages = WebPages(bench.radio)
    told = []
    pages.files(told.append)
    bench.sim("garbage", b"\r\n+WIND:90:File received: a.txt\r\n")
    assert pages.wait(5)
    assert told == ["File received: a.txt"]


def test_a_function_that_raises_harms_no_command_and_is_told(bench):
    bench.join()
    pages = WebPages(bench.radio, RAM)

    def broken(*_):
        raise RuntimeError("in the program")

    pages.outputs(broken)
    pages.inputs(broken)
    pages.upload("page.fhtml", "<p>" + mark("input", 0))
    bench.sim("garbage", b"\r\n+WIND:57:Output from remote:1:x\r\n")
    assert bench.radio.get("nv_model") == "SPWF04SA"  # it is called meanwhile
    bench.until(lambda: pages.error)
    assert "in the program" in str(bench.raises(RuntimeError, pages.poll))
    pages.poll()  # once only
    bench.sim("garbage", b"\r\n+WIND:57:Output from remote:1:x\r\n")
    bench.until(lambda: bench.poll() or pages.error)
    e, ms = bench.spent(pages.wait, 60)
    assert isinstance(e, RuntimeError) and ms < 5000
    bench.sim("browse", "/page.fhtml")
    assert come(bench) == b"<p>"  # it does not wait in vain
    bench.raises(RuntimeError, pages.poll)
    told = []
    pages = WebPages(bench.radio, RAM, on_error=told.append)
    pages.outputs(broken)
    bench.sim("garbage", b"\r\n+WIND:57:Output from remote:1:x\r\n")
    assert pages.wait(5)
    assert len(told) == 1 and isinstance(told[0], RuntimeError)


def test_a_function_may_use_the_radio(bench):
    bench.join()
    pages = WebPages(bench.radio, RAM)
    heard = []
    pages.outputs(lambda text: heard.append(bench.radio.get("nv_model")))
    bench.sim("garbage", b"\r\n+WIND:57:Output from remote:1:x\r\n")
    assert pages.wait(5)
    assert heard == ["SPWF04SA"]


def test_tokens_that_cannot_be_sent_are_told_and_the_page_is_empty(bench):
    bench.join()
    pages = WebPages(bench.radio, RAM)
    for bad in ("x" * 126, "a\r", "a\n", "a\0", 5, ["x"], {"a": 1}):
        given = bad if isinstance(bad, (int, dict)) else [bad]
        bench.raises((ValueError, TypeError), pages.inputs, given)
    pages.upload("page.fhtml", "<p>" + mark("input", 0))
    pages.inputs(lambda: ["x" * 126])
    bench.sim("browse", "/page.fhtml")
    assert come(bench) == b"<p>"
    assert "127" in str(bench.raises(ValueError, pages.poll))
    pages.inputs(["x" * 125])
    assert shown(bench, pages, mark("input", 0))() == b"x" * 125


def test_a_file_whose_name_is_not_that_of_a_page_is_refused_before_a_byte_is_sent(bench):
    pages = WebPages(bench.radio)
    before = bench.sim("bytes_in")
    for bad in ("", "/", "a b", "a,b", "a\rb", "a\nb", "a\0b", "a/b", "1:/a", "a?b", "x" * 101):
        bench.raises(ValueError, pages.upload, bad, b"x")
    bench.raises(TypeError, pages.upload, 5, b"x")
    bench.raises(TypeError, pages.upload, "a.html", 5)
    bench.raises(ValueError, pages.upload, "a.html", b"")
    bench.raises(ValueError, pages.upload, "a.html", mark("input", 0))
    bench.raises(ValueError, pages.upload, "a.js", b"not packed", True)
    bench.raises(ValueError, pages.upload, "a.fhtml", b"\x1f\x8b", True)
    bench.raises(ValueError, pages.upload, "ajs", b"\x1f\x8b", True)
    for bad in ("short", "x" * 65, "anonymous", "ANONYMOUS", "with a blank", "a,comma,a,comma"):
        bench.raises(ValueError, pages.lock, bad)
    bench.raises(TypeError, pages.lock, None)
    bench.raises(TypeError, pages.serve, "no")
    for function in (pages.outputs, pages.changes, pages.files):
        bench.raises(TypeError, function, 5)
    bench.raises(ValueError, WebPages, bench.radio, 4)
    bench.raises(TypeError, WebPages, bench.radio, 1, 5)
    bench.raises(TypeError, WebPages, 5)
    assert bench.sim("bytes_in") == before


def test_marks_are_checked(bench):
    assert mark("input", 0) == "<!--|06|Input|0|||-->"
    assert mark("peer", "rx_rssi", 1) == "<!--|06|Peers|rx_rssi|1||-->"
    assert mark("end_textarea") == "<!--|07|TextEnd||||-->"
    assert escaped("<a & 'b'>\"") == "&lt;a &amp; &#39;b&#39;&gt;&quot;"
    for bad in ("wifi_wpa_psk_text", "user_desc", "aes128_key", "a|b", "a-->", "", "a b"):
        bench.raises(ValueError, mark, "setting", bad)
    bench.raises(ValueError, mark, "nothing", 0)
    bench.raises(ValueError, mark, "input", 127)
    bench.raises(ValueError, mark, "end_select", 1)
    bench.raises(TypeError, mark, "input", "0")
    bench.raises(TypeError, mark, "status", None)
    bench.raises(TypeError, escaped, b"x")


def test_a_packed_page_is_named_as_the_module_looks_for_it(bench):
    bench.join()
    pages = WebPages(bench.radio, RAM)
    packed = b"\x1f\x8b\x08" + bytes(20)
    assert pages.upload("large.txt", packed, gzip=True) == "2:/large.gz.txt"


def test_the_server_is_switched_on_only_with_a_key_of_ones_own(bench):
    pages = WebPages(bench.radio)
    assert not pages.locked()
    e = bench.raises(SPWF04Error, pages.serve, True)
    assert e.remedy == "lock_pages" and "anonymous" in str(e)
    pages.lock(KEY)
    assert pages.locked()
    pages.serve(True)
    bench.join()
    assert bench.sim("serves", 80) and not bench.sim("serves", 69)
    assert bench.sim("saved", "user_desc") == ""


def test_the_servers_are_switched_off_for_good(bench):
    pages = WebPages(bench.radio)
    pages.serve(False, save=True)
    bench.join()
    assert not bench.sim("serves", 80) and not bench.sim("serves", 69)
    assert [bench.sim("saved", "ip_use_" + name) for name in ("httpd", "tftpd")] == ["0", "0"]
    pages.serve(True, tftp=True, anonymous=True)
    bench.radio.disconnect()
    bench.join()
    assert bench.sim("serves", 80) and bench.sim("serves", 69)


def test_after_close_nothing_is_called_and_what_was_there_before_is_back(bench):
    bench.join()
    before = dict(bench.radio.channel.on_indication)
    heard = []
    with WebPages(bench.radio) as pages:
        pages.outputs(heard.append)
        pages.outputs(heard.append)
        pages.changes(heard.append)
        pages.files(heard.append)
        pages.inputs(["x"])
        with WebPages(bench.radio) as others:
            others.files(heard.append)
        pages.outputs(None)
    pages.close()
    now = {n: h for n, h in bench.radio.channel.on_indication.items() if n not in (55, 58)}
    assert now == {n: h for n, h in before.items() if n not in (55, 58)}
    bench.sim("garbage", b"\r\n+WIND:57:Output from remote:1:x\r\n+WIND:56:Input\r\n")
    bench.rest(100)
    assert heard == []


def test_two_may_be_closed_in_any_order(bench):
    bench.join()
    one, two = WebPages(bench.radio), WebPages(bench.radio)
    heard = []
    for pages in (one, two):
        pages.inputs(["x"])
        pages.files(heard.append)
    one.close()
    two.close()
    bench.sim("garbage", b"\r\n+WIND:90:x\r\n+WIND:56:Input\r\n")
    bench.rest(100)
    assert heard == [] and two.error is one.error is None


def test_firmware_1_0_is_not_answered_because_its_watchdog_resets_it(bench):
    bench.join()
    bench.sim("becomes_old")
    pages = WebPages(bench.radio)
    pages.inputs(["x"])
    bench.sim("garbage", b"\r\n+WIND:56:Input to remote\r\n")
    assert "1.1.0" in str(bench.raises(SPWF04Error, pages.wait, 5))
    boots = bench.sim("boots")
    bench.rest(1000)
    assert bench.sim("boots") == boots


def test_an_answer_that_nobody_waits_for_is_told_or_kept(bench):
    bench.join()
    pages = WebPages(bench.radio)
    pages.inputs(["x"])
    bench.sim("garbage", b"\r\n+WIND:56:Input to remote\r\n")
    if bench.sim("quirk", "ssi_unasked") == "kept":
        assert pages.wait(5)
        assert bench.sim("tokens")[0] == "x"
    else:
        assert bench.raises(ModuleError, pages.wait, 5).code == 111
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_two_pages_at_once_are_both_answered(bench):
    bench.join()
    pages = WebPages(bench.radio, RAM)
    pages.upload("page.fhtml", mark("input", 0))
    pages.inputs(["both"])
    bench.sim("browse", "/page.fhtml")
    bench.sim("browse_too", "/page.fhtml")
    assert come(bench) == b"both"
    assert come(bench, "browsed_too") == b"both"
    pages.wait(0.3)  # without an error


def test_a_restart_forgets_what_waits(bench):
    bench.join()
    pages = WebPages(bench.radio, RAM)
    heard = []
    pages.inputs(lambda: heard.append(1))
    bench.sim("garbage", b"\r\n+WIND:56:Input to remote\r\n+WIND:1:Poweron:x\r\n")
    bench.sim("restart", "software")
    bench.rest(500)
    pages.poll()
    assert heard == []
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_what_comes_too_fast_is_counted(bench):
    bench.join()
    pages = WebPages(bench.radio)
    heard = []
    pages.outputs(heard.append)
    sock = bench.pool.socket()
    sock.connect(("talker.example", 19))
    for _ in range(20):
        bench.sim("garbage", b"\r\n+WIND:57:Output from remote:1:x\r\n")
    bench.rest(500)
    assert 16 <= len(heard) and len(heard) + pages.missed == 20
    sock.close()


def test_in_steps(bench):
    bench.join()
    take = bench.radio.channel.take
    pages = WebPages(bench.radio, RAM)
    heard = []
    pages.outputs(heard.append)
    pages.inputs(["in steps"])
    take(pages.locking(KEY))
    take(pages.serving(True))
    assert take(pages.uploading("page.fhtml", mark("input", 0))) == "2:/page.fhtml"
    assert take(pages.looking())
    bench.sim("browse", "/page.fhtml", b"Output=sent")
    while not heard:
        assert take(pages.waiting(5))
    assert come(bench) == b"in steps"


def test_a_line_that_is_lost_is_an_error_of_the_answer_and_the_next_command_works(bench):
    bench.join()
    pages = WebPages(bench.radio)
    bench.sim("unplug")
    bench.raises((LinkLost, OSError), pages.serve, False)
    bench.sim("replug")
    assert bench.radio.get("nv_model") == "SPWF04SA"
