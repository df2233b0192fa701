"""What keeps a program running: supervision, small receive buffers, faults, and the trace."""

from spwf04.errors import errno


def connect(bench):
    sock = bench.pool.socket()
    sock.settimeout(5)
    sock.connect(("echo.example", 7))
    return sock


def test_a_trace_shows_lines_and_no_secrets(bench):
    from gc import collect

    from spwf04.at.trace import stop, trace

    lines = []

    def show(line):
        collect()  # else the lines that are kept fragment a small heap
        if "WIND" not in line:
            lines.append(line)

    trace(bench.radio, show)
    bench.join()
    with connect(bench) as sock:
        sock.send(b"my word")
        assert sock.recv(7) == b"my word"
    stop(bench.radio)
    text = "\n".join(lines)
    assert "> AT+S.SOCKW=0,7" in text
    assert ">> 7" in text
    assert "my word" not in text
    assert "correct" not in text
    assert "wifi_wpa_psk_text,********" in text


def test_a_recording_goes_into_a_file(bench):
    from spwf04.at.trace import record, stop, trace

    name = bench.sim("scratch_file", "bug.txt")
    trace(bench.radio, record(name))
    bench.radio.get("nv_model")
    stop(bench.radio)
    bench.radio.get("console_errs")
    with open(name) as file:
        text = file.read()
    assert text.startswith("# spwf04 trace 1\n")
    assert "< AT-S.Var:nv_model=SPWF04SA\n" in text
    assert "GCFG=console_errs" not in text[text.find("nv_model") :]


def test_a_supervisor_joins_and_joins_again(bench):
    from spwf04.supervise import Supervisor

    changes = []
    keeper = Supervisor(
        bench.radio,
        "home",
        "correct horse",
        on_change=lambda s, reason: changes.append(s),
        pause=0.1,
    )
    assert bench.until(lambda: keeper.poll() == "up")
    bench.sim("drop_link")
    assert bench.until(lambda: keeper.poll() != "up")
    assert bench.until(lambda: keeper.poll() == "up")
    assert changes[:2] == ["joining", "up"]
    assert keeper.losses == 1
    with connect(bench) as sock:
        sock.send(b"hello")
        assert sock.recv(5) == b"hello"


def test_a_supervisor_puts_settings_back_after_a_restart(bench):
    from spwf04.supervise import Supervisor

    keeper = Supervisor(
        bench.radio, bench.ssid, bench.password, pause=0.1, settings={"user_desc": "mine"}
    )
    assert bench.until(lambda: keeper.poll() == "up")
    bench.sim("restart", "watchdog")
    assert bench.until(lambda: keeper.poll() != "up")
    assert bench.until(lambda: keeper.poll() == "up")
    assert bench.radio.get("user_desc") == "mine"


def test_reads_bounded_to_a_small_buffer(bench):
    bench.join()
    bench.pool.fit(64)
    sock = bench.pool.socket()
    sock.settimeout(5)
    sock.connect(("talker.example", 19))
    assert sock.read() == bytes(bench.pattern(2000))
    sock.close()


def test_a_lost_byte_is_an_error_and_no_data(bench):
    bench.join()
    sock = connect(bench)
    sock.send(b"0123456789")
    assert bench.until(lambda: bench.poll() or sock.stream.pending == 10)
    bench.sim("fault", "drop", "<", 25)
    error = bench.raises(OSError, sock.recv, 10)
    assert error.errno == errno.ETIMEDOUT
    sock.close()
    with connect(bench) as sock:
        sock.send(b"x")
        assert sock.recv(1) == b"x"


def test_a_restart_that_was_not_heard_ends_old_sockets(bench):
    bench.join()
    sock = connect(bench)
    bench.sim("fault", "silent_restart", ">", 3)
    sock.settimeout(None)
    bench.raises(OSError, sock.recv, 10)
    error = bench.raises(OSError, sock.recv, 10)
    assert error.errno == errno.ECONNRESET
    sock.close()
    bench.join()
    with connect(bench) as sock:
        sock.send(b"x")
        assert sock.recv(1) == b"x"


def test_a_restart_while_the_module_is_asked_tells_that_it_is_not_joined(bench):
    bench.join()
    bench.radio.doubt_address()
    bench.sim("restart", "power")
    assert not bench.radio.isconnected()
    bench.join()
    assert bench.radio.isconnected()
