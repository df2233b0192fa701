"""Files and volumes of the simulated module, as its console shows them. [i]"""

import pytest

from spwf04_sim import Quirks
from tests.sim.joined import Joined


def read(module, arguments):
    return module.ask("AT+S.FSP=" + arguments)


def test_a_part_that_is_there_comes_without_a_word_about_its_length():
    module = Joined()
    module.put("2:/a.txt", b"hello")
    for arguments in ("a.txt", "a.txt,,", "a.txt,0,5", "/a.txt,0,5"):
        assert read(module, arguments) == "helloAT-S.OK\r\n"
    assert read(module, "a.txt,1,3") == "ellAT-S.OK\r\n"


def test_more_than_there_is_comes_with_its_length():
    module = Joined()
    module.put("2:/a.txt", b"hello")
    assert read(module, "a.txt,0,100000") == "AT-S.Read Cap:5\r\nhelloAT-S.OK\r\n"
    assert read(module, "a.txt,3,3") == "AT-S.Read Cap:2\r\nloAT-S.OK\r\n"
    assert read(module, "a.txt,9,3") == "AT-S.Read Cap:0\r\nAT-S.OK\r\n"


@pytest.mark.parametrize("word", ["Reading", "Printing"])
def test_in_other_readings_the_length_always_comes(word):
    module = Joined(quirks=Quirks(fsp_keyword=word))
    module.put("2:/a.txt", b"hello")
    assert read(module, "a.txt,0,5") == f"AT-S.{word}:5\r\nhelloAT-S.OK\r\n"


def test_every_volume_has_its_letter():
    module = Joined(sd_card=True)
    for volume in "0123":
        module.ask(f"AT+S.FSC={volume}:/v{volume},1", b"x")
    said = module.ask("AT+S.FSL").splitlines()
    assert said[0].startswith("AT-S.Free:")
    assert said[1:-1] == [
        f"AT-S.File:{letter}\t1\tv{volume}" for volume, letter in enumerate("XIDA")
    ]


def test_without_a_card_there_is_no_volume_0():
    module = Joined()
    assert "ERROR:29:" in module.ask("AT+S.FSC=0:/a,1", b"\n")
    assert "ERROR:29:" in module.ask("AT+S.FSM=0")
    assert "ERROR:59:" in module.ask("AT+S.FSU=0,0")
    assert "ERROR:57:" in module.ask("AT+S.FSL=0:/")


@pytest.mark.parametrize(
    ("card", "external", "letter"),
    [(True, "1", "X"), (True, "3", "D"), (False, "1", "D"), (False, "3", "D")],
)
def test_where_a_name_without_a_volume_goes(card, external, letter):
    module = Joined({"ext_volume": external}, sd_card=card)
    module.ask("AT+S.FSC=a,1", b"x")
    assert f"AT-S.File:{letter}\t1\ta\r\n" in module.ask("AT+S.FSL")


def test_a_volume_that_was_unmounted_is_not_there_until_it_is_mounted():
    module = Joined()
    module.put("1:/a", b"kept")
    assert module.ask("AT+S.FSU=1,0") == "AT-S.OK\r\n"
    assert "ERROR:59:" in module.ask("AT+S.FSU=1,0")
    assert "ERROR:29:" in read(module, "1:/a")
    assert "ERROR:29:" in module.ask("AT+S.FSD=1:/a")
    assert "File:" not in module.ask("AT+S.FSL")
    assert "ERROR:57:" in module.ask("AT+S.FSL=1:/")
    assert module.ask("AT+S.FSM=1") == "AT-S.OK\r\n"
    assert "kept" in read(module, "1:/a")


def test_unmounting_can_erase():
    module = Joined()
    module.put("1:/a", b"gone")
    assert "ERROR:7:" in module.ask("AT+S.FSU=1,2")
    assert module.ask("AT+S.FSU=1,1") == "AT-S.OK\r\n"
    module.ask("AT+S.FSM=1")
    assert "ERROR:51:" in read(module, "1:/a")


def test_firmware_1_0_0_cannot_mount():
    module = Joined(firmware="170216-fd39c59")
    assert "ERROR:1:" in module.ask("AT+S.FSM=1")


def test_the_ram_disk_is_as_large_as_its_variable_says():
    module = Joined({"ramdisk_memsize": "2"})
    assert module.ask("AT+S.FSC=2:/a,2048", bytes(2048)) == "AT-S.OK\r\n"
    assert "ERROR:50:" in module.ask("AT+S.FSC=2:/a,1", b"x")


def test_an_application_disk_can_be_masked():
    module = Joined()
    module.module.flash.masked = True
    module.put("3:/page.html", b"<p>")
    module.module.restart()
    module.said(1)
    assert "page.html" not in module.ask("AT+S.FSL")
    assert "ERROR:29:" in read(module, "3:/page.html")
    assert module.browse("/page.html").body == b"<p>"


def test_files_can_be_listed_by_name():
    module = Joined()
    for name in ("2:/a.txt", "1:/b.txt", "2:/c.html"):
        module.put(name, b"x")
    listed = module.ask("AT+S.FSL=*.txt")
    assert "a.txt" in listed
    assert "b.txt" in listed
    assert "c.html" not in listed
    assert module.ask("AT+S.FSL=2:/").count("File:D") == 2


def test_a_file_is_renamed_where_it_is_and_over_no_other():
    module = Joined()
    module.put("2:/a", b"a")
    module.put("2:/b", b"b")
    assert "ERROR:55:" in module.ask("AT+S.FSR=2:/a,2:/b")
    assert "ERROR:55:" in module.ask("AT+S.FSR=2:/a,1:/c")
    assert "ERROR:55:" in module.ask("AT+S.FSR=2:/x,2:/y")
    assert module.ask("AT+S.FSR=/a,c") == "AT-S.OK\r\n"
    assert (2, "c") in module.module.flash.files
