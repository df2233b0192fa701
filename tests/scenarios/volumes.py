"""Volumes: what is mounted, and all files of one at once."""

from spwf04 import ModuleError, SPWF04Error
from spwf04.commands import volumes

HOST = "files.example"


def fetch(bench, kind="good", volume=1, erase=True):
    bench.join()
    bench.sim("offer_files", kind)
    return bench.radio.fetch_files(HOST, 80, "/files.img", volume, erase)


def names(bench):
    return sorted([entry[0] for entry in bench.radio.files.list()])


def test_it_tells_what_is_mounted_and_what_is_on_it(bench):
    bench.sim("put_on", 2, "a.txt", b"12345")
    found = {n: rest for n, *rest in bench.radio.volumes()}
    assert found[0] == ["X", False, 0, None]
    assert found[1][:3] == ["I", bench.sim("quirk", "user_flash") != "unmounted", 0]
    assert found[2] == ["D", True, 5, 16384 - 5]
    assert found[3] == ["A", None, 0, None]


def test_firmware_that_does_not_tell_is_no_error(bench):
    bench.sim("becomes_old")
    assert bench.radio.volumes()[2][2] is None
    assert bench.raises(ModuleError, bench.radio.mount, 2).code == 1


def test_an_sd_card_is_mounted_and_unmounted(bench):
    radio = bench.radio
    e = bench.raises(ModuleError, radio.mount, 0)
    assert e.code == 29 and "the SD card" in str(e)
    bench.sim("insert_card")
    radio.mount(0)
    radio.files.put("0:/a.txt", b"on the card")
    assert radio.volumes()[0][2:4] == (True, 11)
    radio.unmount(0)
    assert radio.volumes()[0][2:4] == (False, 0)
    assert bench.raises(ModuleError, radio.unmount, 0).code == 59
    radio.mount(0)
    assert bytes(radio.files.get("0:/a.txt")) == b"on the card"


def test_only_true_erases(bench):
    radio = bench.radio
    bench.sim("insert_card")
    radio.mount(0)
    bench.sim("put_on", 0, "a.txt", b"x")
    before = bench.sim("asked")
    for bad in (1, "yes", None, "0"):
        bench.raises(TypeError, radio.unmount, 0, bad)
    assert bench.sim("asked") == before
    radio.unmount(0, erase=True)
    assert "FSU=0,1" in bench.sim("asked")
    radio.mount(0)
    assert names(bench) == []


def test_all_files_of_the_flash_come_at_once(bench):
    bench.sim("put_on", 1, "old.txt", b"x")
    if bench.sim("quirk", "update_disk") == "no":
        e = bench.raises(SPWF04Error, fetch, bench)
        assert e.code == 7 and e.remedy == "put_files"
        return
    if bench.sim("quirk", "user_flash") == "unmounted":
        assert bench.raises(ModuleError, fetch, bench).code == 29
        return
    said = fetch(bench)
    assert isinstance(said, list)
    if bench.sim("quirk", "fs_update") == "restart":
        assert names(bench) == ["old.txt"]
        bench.radio.reset()
    assert names(bench) == ["a page.html", "a.txt"]
    assert bytes(bench.radio.files.get("1:/a.txt")) == b"the file"


def test_those_of_an_sd_card_too(bench):
    bench.sim("insert_card")
    bench.radio.mount(0)
    fetch(bench, volume=0)
    if bench.sim("quirk", "fs_update") == "restart":
        bench.radio.reset()
    assert names(bench) == ["a page.html", "a.txt"]


def test_what_is_no_image_leaves_the_files(bench):
    bench.sim("insert_card")
    bench.radio.mount(0)
    bench.sim("put_on", 0, "old.txt", b"x")
    assert bench.raises(ModuleError, fetch, bench, "bad", 0).code == 111
    assert names(bench) == ["old.txt"]


def test_without_the_word_that_files_may_go_nothing_is_sent(bench):
    bench.join()
    before = bench.sim("bytes_in")
    fetch_files = bench.radio.fetch_files
    for erase in (False, 1, "yes", None):
        assert "erase=True" in str(
            bench.raises(ValueError, fetch_files, HOST, 80, "/x", erase=erase)
        )
    for bad in ("a\rAT+S.RESET", "a\nb", "a\0b", "a,5"):
        bench.raises(ValueError, fetch_files, bad, 80, "/x", erase=True)
        bench.raises(ValueError, fetch_files, HOST, 80, "/" + bad, erase=True)
        bench.raises(ValueError, fetch_files, HOST, 80, "/x", 1, True, bad)
        bench.raises(ValueError, fetch_files, HOST, 80, "/x", 1, True, "user", bad)
    bench.raises(ValueError, fetch_files, HOST, 80, "/x", 2, True)
    bench.raises(ValueError, fetch_files, HOST, 80, "x", erase=True)
    for bad in (-1, 4):
        bench.raises(ValueError, bench.radio.mount, bad)
        bench.raises(ValueError, bench.radio.unmount, bad)
    bench.raises(TypeError, bench.radio.mount, "1")
    assert bench.sim("bytes_in") == before


def test_without_a_network_the_error_says_to_join(bench):
    if bench.sim("quirk", "user_flash") == "unmounted":
        return
    if bench.sim("quirk", "update_disk") == "no":
        return
    e = bench.raises(ModuleError, bench.radio.fetch_files, HOST, 80, "/x", erase=True)
    assert e.code == 44


def test_the_password_of_the_server_is_in_no_message(bench):
    bench.join()
    if bench.sim("quirk", "update_disk") == "no":
        return
    e = bench.raises(
        OSError, bench.radio.fetch_files, "nowhere.example", 80, "/x", 1, True, "user", "geheim"
    )
    assert "geheim" not in str(e)


def test_in_steps(bench):
    take = bench.radio.channel.take
    bench.sim("insert_card")
    take(volumes.mount(bench.radio, 0))
    assert take(volumes.volumes(bench.radio))[0][2] is True
    bench.join()
    bench.sim("offer_files", "good")
    arguments = HOST, 80, "/files.img", 0, True, "", "", 300
    assert isinstance(take(volumes.fetch_files(bench.radio, *arguments)), list)
    take(volumes.unmount(bench.radio, 0))
    assert take(volumes.volumes(bench.radio))[0][2] is False
