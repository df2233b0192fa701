"""Files to and from a TFTP server, and those that the module's own receives."""

from spwf04 import ModuleError, SPWF04Error
from spwf04.services.tftp import getting, on_received, putting, tftp_get, tftp_put

HOST = "tftp.example"


def server(bench, *cut):
    bench.join()
    bench.sim("tftp_server", *cut)


def get(bench, name="config", *to, **more):
    return tftp_get(bench.radio, HOST, name, *to, **more)


def content(bench, name):
    return bytes(bench.sim("module_file", 2, name))


def names(bench):
    return sorted(bench.sim("files"))


def test_files_at_the_limits_of_a_block(bench):
    server(bench)
    for size in (1, 511, 512, 513, 1024):
        data = bytes(bench.pattern(size + 1))[1:]
        bench.sim("serve_file", "config", data)
        assert get(bench) == size
        assert content(bench, "config") == data
    assert names(bench) == ["config"]


def test_a_file_goes_to_the_server(bench):
    server(bench)
    for size in (1, 511, 512, 513, 1024):
        data = bytes(bench.pattern(size))
        bench.sim("put_file", "log", data)
        tftp_put(bench.radio, HOST, "2:/log")
        assert bytes(bench.sim("served_file", "log")) == data


def test_the_steps_do_the_same(bench):
    server(bench)
    bench.sim("serve_file", "config", b"12345")
    take = bench.radio.channel.take
    assert take(getting(bench.radio, HOST, "config", "2:/here")) == 5
    take(putting(bench.radio, HOST, "2:/here"))
    assert bytes(bench.sim("served_file", "here")) == b"12345"


def test_a_file_may_hold_every_byte_and_look_like_an_end(bench):
    server(bench)
    data = b"AT-S.OK\r\n+WIND:1:x\r\nAT-S.ERROR:1:\r\n" + bytes(range(256)) + b"AT-S.OK\r\n"
    bench.sim("serve_file", "config", data)
    assert get(bench) == len(data)
    assert content(bench, "config") == data


def test_a_path_on_the_server_and_another_name_here(bench):
    server(bench)
    bench.sim("serve_file", "a/b/config", b"12345")
    assert get(bench, "a/b/config") == 5
    assert content(bench, "config") == b"12345"
    assert get(bench, "a/b/config", "2:/here") == 5
    assert content(bench, "here") == b"12345"


def test_a_file_that_is_there_is_replaced_once_the_new_one_is_complete(bench):
    server(bench)
    bench.sim("put_file", "config", b"old")
    e = bench.raises(ModuleError, get, bench)
    assert (e.code, e.remedy) == (111, "check_tftp")
    assert content(bench, "config") == b"old"
    bench.sim("serve_file", "config", b"new one")
    assert get(bench) == 7
    assert content(bench, "config") == b"new one"
    assert names(bench) == ["config"]


def test_a_transfer_that_breaks_off_leaves_the_old_file(bench):
    server(bench, 2)
    bench.sim("serve_file", "config", bytes(1200))
    bench.sim("put_file", "config", b"old")
    assert bench.raises(ModuleError, get, bench).code == 111
    assert content(bench, "config") == b"old"
    assert names(bench) == ["config"]
    bench.sim("put_file", "log", bytes(1200))
    assert bench.raises(ModuleError, tftp_put, bench.radio, HOST, "2:/log").code == 111
    bench.sim("tftp_server")
    bench.sim("serve_file", "config", bytes(1200))
    assert get(bench) == 1200


def test_a_server_that_refuses_to_write_or_is_full(bench):
    server(bench)
    for name in ("locked", "big"):
        bench.sim("put_file", name, bytes(1200))
        e = bench.raises(ModuleError, tftp_put, bench.radio, HOST, "2:/" + name)
        assert e.code == 111
        assert "permissions" in str(e)


def test_a_disk_that_is_full(bench):
    server(bench)
    bench.sim("serve_file", "config", bytes(1200))
    bench.sim("fill_disk", 15500)
    assert bench.raises(ModuleError, get, bench).code in (50, 111)
    assert names(bench) == ["data.txt"]


def test_an_empty_file_is_an_error(bench):
    server(bench)
    bench.sim("serve_file", "config", b"")
    bench.raises(SPWF04Error, get, bench)
    assert names(bench) == []


def test_a_file_beyond_the_limit_is_an_error_if_it_is_printed(bench):
    server(bench)
    bench.sim("serve_file", "config", bytes(600))
    if bench.sim("quirk", "tftp_get") == "printed":
        e = bench.raises(SPWF04Error, get, bench, limit=599)
        assert "600" in str(e)
        assert names(bench) == []
    assert get(bench, limit=600) == 600


def test_a_file_that_is_not_on_the_module(bench):
    server(bench)
    assert bench.raises(ModuleError, tftp_put, bench.radio, HOST, "2:/log").code == 51


def test_nobody_there(bench):
    bench.join()
    bench.sim("deaf", "nobody.example")
    assert bench.raises(ModuleError, tftp_get, bench.radio, "nobody.example", "x").code == 111
    assert bench.raises(ModuleError, tftp_get, bench.radio, "nowhere.example", "x").code == 65


def test_without_a_network_the_error_says_to_join(bench):
    bench.sim("tftp_server")
    bench.sim("put_file", "log", b"1")
    assert bench.raises(ModuleError, get, bench).code == 44
    assert bench.raises(ModuleError, tftp_put, bench.radio, HOST, "2:/log").code == 44


def test_a_module_that_restarts_in_the_middle(bench):
    server(bench)
    bench.sim("serve_file", "config", bytes(1200))
    bench.sim("fault", "restart", "<", 150)
    bench.raises(SPWF04Error, get, bench)
    bench.join()
    assert get(bench) == 1200
    assert names(bench) == ["config"]


def test_files_that_the_modules_own_server_receives(bench):
    bench.join()
    received = []
    on_received(bench.radio, received.append)
    bench.sim("tftp_upload", "config", b"12345")
    assert bench.until(lambda: received)
    assert received == ["config"]
    assert bytes(bench.radio.files.get("config")) == b"12345"
    on_received(bench.radio, None)
    bench.sim("tftp_upload", "config", b"123456")
    bench.rest(100)
    assert received == ["config"]


def test_arguments_that_would_be_another_command_are_refused_before_a_byte_is_sent(bench):
    before = bench.sim("bytes_in")
    for bad in ("a\rAT+S.RESET", "a\nb", "a\0b", "a,5", ""):
        bench.raises(ValueError, tftp_get, bench.radio, bad, "x")
        bench.raises(ValueError, get, bench, bad)
        bench.raises(ValueError, get, bench, "x", bad)
        bench.raises(ValueError, tftp_put, bench.radio, bad, "x")
        bench.raises(ValueError, tftp_put, bench.radio, HOST, bad)
    bench.raises(ValueError, get, bench, "1:/x")
    bench.raises(ValueError, get, bench, "x/")
    bench.raises(ValueError, get, bench, "x", "9:/x")
    for bad in ("1:/folder/x", "/tmp/x"):
        assert "folder" in str(bench.raises(ValueError, get, bench, "x", bad))
    bench.raises(ValueError, get, bench, "x" * 191)
    bench.raises(ValueError, get, bench, port=0)
    bench.raises(ValueError, get, bench, limit=0)
    bench.raises(ValueError, tftp_put, bench.radio, HOST, "9:/x")
    bench.raises(TypeError, on_received, bench.radio, 5)
    assert bench.sim("bytes_in") == before
