"""Files on the module."""

import spwf04.commands.files as files

NAME = "notes.txt"


def names(bench):
    return sorted([name for name, _, _ in files.listing(bench.radio)])


def test_what_was_put_can_be_got(bench):
    data = bytes(bench.pattern(3000))
    files.put(bench.radio, NAME, data)
    assert bytes(files.get(bench.radio, NAME)) == data
    assert names(bench) == [NAME]


def test_a_file_may_hold_every_byte(bench):
    data = bytes(range(256)) + b"\r\nAT-S.OK\r\n+WIND:1:x\r\nAT-S.ERROR:1:\r\n" + bytes(range(256))
    files.put(bench.radio, NAME, data)
    assert bytes(files.get(bench.radio, NAME)) == data


def test_a_file_is_replaced_as_a_whole(bench):
    files.put(bench.radio, NAME, b"old content, somewhat longer")
    files.put(bench.radio, NAME, b"new")
    assert bytes(files.get(bench.radio, NAME)) == b"new"
    assert names(bench) == [NAME]


def test_a_volume_can_be_named(bench):
    if bench.sim("quirk", "user_flash") in ("refused", "unmounted"):
        e = bench.raises(OSError, files.put, bench.radio, "1:/kept.txt", b"in the flash")
        assert e.code in (51, 29)
        return
    if bench.sim("quirk", "user_flash") == "ram":
        bench.raises(OSError, files.put, bench.radio, "1:/kept.txt", b"in the flash")
        return
    files.put(bench.radio, "1:/kept.txt", b"in the flash")
    assert files.listing(bench.radio) == [("kept.txt", 12, "I")]
    assert bytes(files.get(bench.radio, "1:/kept.txt")) == b"in the flash"
    assert files.find(bench.radio, "2:/kept.txt") is None
    bench.radio.reset()
    assert names(bench) == ["kept.txt"]
    files.remove(bench.radio, "1:/kept.txt")
    assert names(bench) == []


def test_a_file_that_is_not_there_is_named(bench):
    for function in (files.get, files.remove):
        e = bench.raises(OSError, function, bench.radio, "no.txt")
        assert "no file no.txt" in str(e)


def test_an_upload_that_loses_bytes_leaves_the_old_content(bench):
    files.put(bench.radio, NAME, b"old")
    bench.sim("lose_host_bytes", 40)
    bench.raises(OSError, files.put, bench.radio, NAME, bytes(bench.pattern(700)))
    assert bytes(files.get(bench.radio, NAME)) == b"old"
    files.put(bench.radio, NAME, b"new")
    assert names(bench) == [NAME]


def test_an_upload_that_was_complete_but_not_in_place_is_finished_by_the_next(bench):
    bench.sim("put_file", NAME + ".ok", b"complete")
    bench.raises(ValueError, files.begin, bench.radio, NAME, 0)
    files.begin(bench.radio, NAME, 10)
    assert bytes(files.get(bench.radio, NAME)) == b"complete"
    files.append(bench.radio, NAME, b"0123456789")
    files.give_up(bench.radio, NAME)
    assert names(bench) == [NAME]


def test_what_does_not_fit_is_refused_before_a_byte_of_it_is_sent(bench):
    e = bench.raises(OSError, files.put, bench.radio, NAME, bytes(17000))
    assert "do not fit" in str(e)
    assert "1:/notes.txt" in str(e)
    assert not [c for c in bench.sim("log") if "FSC" in c]


def test_the_space_is_told_as_the_module_tells_it(bench):
    files.put(bench.radio, NAME, b"12345")
    said, used = files.space(bench.radio)
    assert list(used.values()) == [5]
    assert len(said) == (0 if bench.sim("quirk", "fsl_first_line") == "none" else 1)
    there = files.listing(bench.radio)
    taken = 5 if there[0][2] == "D" else 0
    assert files.ram_left(bench.radio, there) == 16384 - taken


def test_names_that_would_be_another_command_are_refused_before_a_byte_is_sent(bench):
    before = bench.sim("bytes_in")
    radio = bench.radio
    for name in (
        "a\rAT+S.RESET",
        "a\nb",
        "a\0b",
        "a,5",
        "",
        "/",
        "9:/x",
        "C:/x",
        "a:b",
        "x" * 201,
    ):
        bench.raises(ValueError, files.get, radio, name)
        bench.raises(ValueError, files.put, radio, name, b"data")
        bench.raises(ValueError, files.remove, radio, name)
        bench.raises(ValueError, files.read, radio, name, 0, bytearray(4))
        bench.raises(ValueError, files.same, radio, name, b"")
        bench.raises(ValueError, files.append, radio, name, b"data")
        bench.raises(ValueError, files.commit, radio, name, b"")
        bench.raises(ValueError, files.give_up, radio, name)
    assert bench.sim("bytes_in") == before
