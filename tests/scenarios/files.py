"""Files on the module."""

NAME = "notes.txt"


def names(bench):
    return sorted([name for name, _, _ in bench.radio.files.list()])


def test_a_file_of_another_name_that_ends_alike_is_another_file(bench):
    # A colon that is lost on the line makes such a name
    bench.sim("put_file", "2/like.txt", b"another")
    bench.radio.files.put("2:/like.txt", b"one")
    bench.radio.files.put("2:/like.txt", b"two")
    assert bytes(bench.radio.files.get("2:/like.txt")) == b"two"
    assert "2/like.txt" in [entry[0] for entry in bench.radio.files.list()]


def test_what_was_put_can_be_got(bench):
    data = bytes(bench.pattern(3000))
    bench.radio.files.put(NAME, data)
    assert bytes(bench.radio.files.get(NAME)) == data
    assert names(bench) == [NAME]


def test_a_file_may_hold_every_byte(bench):
    data = bytes(range(256)) + b"\r\nAT-S.OK\r\n+WIND:1:x\r\nAT-S.ERROR:1:\r\n" + bytes(range(256))
    bench.radio.files.put(NAME, data)
    assert bytes(bench.radio.files.get(NAME)) == data


# What a file begins with that the module could have said itself
SAID = (
    b"AT-S.OK\r\n",
    b"AT-S.ERROR:51:Unable to open file\r\n",
    b"AT-S.Read Cap:5\r\n",
    b"AT-S.Read Cap:512\r\n",
    b"AT-S.Reading:512:512\r\n",
    b"AT-S.Skip CA\r\n",
    b"+WIND:55:Pending Data::0:1:1\r\n",
    b"+WIND:1:Poweron:x\r\n",
    b"AT+S.FSP=x\r\n",
    b"\0\r\n\nAT-S.",
)


def test_a_file_may_begin_like_a_line_of_the_module(bench):
    for n, said in enumerate(SAID):
        bench.sim("put_file", NAME, said + bytes(bench.pattern(40 + 500 * (n % 2))))
        data = said + bytes(bench.pattern(40 + 500 * (n % 2)))
        assert bytes(bench.radio.files.get(NAME)) == data, said
        assert bytes(bench.radio.files.get(NAME)) == data, said


def test_a_piece_of_a_file_may_begin_like_a_line_of_the_module(bench):
    for said in SAID:
        data = bytes(bench.pattern(512)) + said + bytes(bench.pattern(700))
        bench.sim("put_file", NAME, data)
        assert bytes(bench.radio.files.get(NAME)) == data, said


def test_a_short_file_may_be_the_beginning_of_a_line(bench):
    for data in (b"A", b"AT", b"AT-", b"AT-S", b"+", b"+WIN", b"\r", b"\n", b"\0", b"AT+", b"a\n"):
        bench.sim("put_file", NAME, data)
        assert bytes(bench.radio.files.get(NAME)) == data, data
    bench.sim("put_file", NAME, b"AT-S.")
    assert bytes(bench.radio.files.get(NAME)) == b"AT-S."


def test_a_part_of_a_file_can_be_read(bench):
    data = bytes(bench.pattern(1000))
    bench.sim("put_file", NAME, data)
    for at, size, there in ((0, 100, 100), (900, 100, 100), (950, 100, 50), (1000, 10, 0)):
        piece = bytearray(size)
        assert bench.radio.files.read(NAME, at, piece) == there
        assert bytes(piece[:there]) == data[at : at + there]


def test_a_long_file_is_read_in_pieces_and_each_is_sent_once(bench):
    bench.sim("put_file", NAME, bytes(bench.pattern(5000)))
    before = len([c for c in bench.sim("log") if "FSP" in c])
    assert bytes(bench.radio.files.get(NAME)) == bytes(bench.pattern(5000))
    # A module that announces every piece is noticed at the first one, unless its lines begin oddly
    asked = len([c for c in bench.sim("log") if "FSP" in c]) - before
    assert asked in (10, 11) or bench.sim("quirk", "nul_bytes")


def test_an_indication_before_a_part_of_a_file_is_none_of_its_bytes(bench):
    data = bytes(bench.pattern(600))
    bench.sim("put_file", NAME, data)
    bench.radio.files.list()
    bench.sim("before_files", b"+WIND:52:GPIO:4:1\r\n")
    assert bytes(bench.radio.files.get(NAME)) == data


def test_a_file_is_replaced_as_a_whole(bench):
    bench.radio.files.put(NAME, b"old content, somewhat longer")
    bench.radio.files.put(NAME, b"new")
    assert bytes(bench.radio.files.get(NAME)) == b"new"
    assert names(bench) == [NAME]


def test_a_volume_can_be_named(bench):
    if bench.sim("quirk", "user_flash") in ("refused", "unmounted"):
        e = bench.raises(OSError, bench.radio.files.put, "1:/kept.txt", b"in the flash")
        assert e.code in (51, 29)
        return
    if bench.sim("quirk", "user_flash") == "ram":
        bench.raises(OSError, bench.radio.files.put, "1:/kept.txt", b"in the flash")
        return
    bench.radio.files.put("1:/kept.txt", b"in the flash")
    assert bench.radio.files.list() == [("kept.txt", 12, "I")]
    assert bytes(bench.radio.files.get("1:/kept.txt")) == b"in the flash"
    assert bench.radio.files.find("2:/kept.txt") is None
    bench.radio.reset()
    assert names(bench) == ["kept.txt"]
    bench.radio.files.remove("1:/kept.txt")
    assert names(bench) == []


def test_a_file_that_is_not_there_is_named(bench):
    for function in (bench.radio.files.get, bench.radio.files.remove):
        e = bench.raises(OSError, function, "no.txt")
        assert "no file no.txt" in str(e)


def test_an_upload_that_loses_bytes_leaves_the_old_content(bench):
    bench.radio.files.put(NAME, b"old")
    bench.sim("lose_host_bytes", 40)
    bench.raises(OSError, bench.radio.files.put, NAME, bytes(bench.pattern(700)))
    assert bytes(bench.radio.files.get(NAME)) == b"old"
    bench.radio.files.put(NAME, b"new")
    assert names(bench) == [NAME]


def test_an_upload_that_was_complete_but_not_in_place_is_finished_by_the_next(bench):
    bench.sim("put_file", NAME + ".ok", b"complete")
    bench.raises(ValueError, bench.radio.files.begin, NAME, 0)
    bench.radio.files.begin(NAME, 10)
    assert bytes(bench.radio.files.get(NAME)) == b"complete"
    bench.radio.files.append(NAME, b"0123456789")
    bench.radio.files.give_up(NAME)
    assert names(bench) == [NAME]


def test_what_does_not_fit_is_refused_before_a_byte_of_it_is_sent(bench):
    e = bench.raises(OSError, bench.radio.files.put, NAME, bytes(17000))
    assert "do not fit" in str(e)
    assert "1:/notes.txt" in str(e)
    assert not [c for c in bench.sim("log") if "FSC" in c]


def test_the_space_is_told_as_the_module_tells_it(bench):
    bench.radio.files.put(NAME, b"12345")
    said, used = bench.radio.files.space()
    assert list(used.values()) == [5]
    assert len(said) == (0 if bench.sim("quirk", "fsl_first_line") == "none" else 1)
    there = bench.radio.files.list()
    taken = 5 if there[0][2] == "D" else 0
    assert bench.radio.files.ram_left(there) == 16384 - taken


def test_names_that_would_be_another_command_are_refused_before_a_byte_is_sent(bench):
    before = bench.sim("bytes_in")
    files = bench.radio.files
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
        bench.raises(ValueError, files.get, name)
        bench.raises(ValueError, files.put, name, b"data")
        bench.raises(ValueError, files.remove, name)
        bench.raises(ValueError, files.read, name, 0, bytearray(4))
        bench.raises(ValueError, files.same, name, b"")
        bench.raises(ValueError, files.append, name, b"data")
        bench.raises(ValueError, files.commit, name, b"")
        bench.raises(ValueError, files.give_up, name)
    for name in ("1:/folder/x", "folder/x", "/tmp/x"):  # such a file could not be read again
        assert "folder" in str(bench.raises(ValueError, files.put, name, b"data"))
        bench.raises(ValueError, files.begin, name, 4)
    assert "empty" in str(bench.raises(ValueError, files.put, NAME, b""))
    assert bench.sim("bytes_in") == before
