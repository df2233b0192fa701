"""Firmware and file systems over the air: ST's formats, and what the module does with them."""

import hashlib
import struct

import pytest

from spwf04_sim import Peer, Quirks, disk_image, firmware_image
from spwf04_sim.parts.fat import NoFileSystem, read_disk
from spwf04_sim.parts.ota import contents
from tests.sim.joined import Joined

NEW = "180301-1234567"
KEY = ":".join(f"{i:02x}" for i in range(1, 17))


class Server(Peer):
    """A web server with one file."""

    body = b""
    path = b""

    def on_data(self, data):
        self.path = data.split(b" ")[1]
        self.send(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(self.body) + self.body)
        self.close()


def offered(body, saved=None, port=80, **more):
    """A joined module, and updates.example with a file."""
    module = Joined(saved, **more)
    module.world.route("updates.example", port, type("Offer", (Server,), {"body": body}))
    return module


def build(module):
    return module.ask("AT+S.STS=build").splitlines()[0].partition("=")[2]


def fetched(module):
    """Fetch a firmware and restart; what the module says of the boot."""
    assert module.ask("AT+S.FWUPDATE=e,updates.example,/new.fota,80,0,,", seconds=2).endswith(
        "AT-S.OK\r\n"
    )
    return module.ask("AT+S.RESET", seconds=3)


def test_a_download_says_who_asks():
    module = Joined()
    asked = []

    class Asked(Server):
        def on_data(self, data):
            asked.append(data)
            super().on_data(data)

    module.world.route("updates.example", 80, Asked)
    for name in ("FWUPDATE", "FSUPDATE"):
        module.ask(f"AT+S.{name}=i,updates.example,/x,80,0,me,hunter2", seconds=2)
    assert len(asked) == 2
    assert all(b"Authorization: Basic bWU6aHVudGVyMg==\r\n" in data for data in asked)


# the format ------------------------------------------------------------------------------------
def test_the_image_is_that_of_sts_tool():
    """The fields are those of its source. [c.9]"""
    image = firmware_image("171117-0328fe3", size=1024)
    assert len(image) == 1024
    assert struct.unpack_from("<IIII", image) == (0x00228800, 140, 0, 1024 - 144)
    assert image[16:48] == b"SPWF04S".ljust(32, b"\0")
    assert image[48:80] == b"171117-0328fe3".ljust(32, b"\0")
    assert image[80:112] == hashlib.sha256(image[140:-4]).digest()
    assert image[112:140] == bytes(28)
    assert image[-4:] == bytes.fromhex("1ae10585")


def test_an_encrypted_image_is_opened_by_its_key_only():
    image = firmware_image(NEW, "1.2.0", 1024, encrypted=KEY)
    assert any(image[112:124])
    assert contents(image, KEY) == (NEW, "1.2.0")
    assert contents(image, KEY[:-2] + "00") is None
    assert contents(image) is None
    assert contents(image, "no key") is None


@pytest.mark.parametrize("at", [0, 4, 8, 12, 16, 50, 90, 115, 130, 200, -1])
def test_an_image_with_a_changed_byte_is_none(at):
    for key in (None, KEY):
        image = bytearray(firmware_image(NEW, "1.2.0", 1024, encrypted=key))
        image[at] ^= 1
        # the build of a plain image is not part of its digest
        assert (contents(image, KEY) is None) == (at != 50 or key is not None)


def test_an_image_that_is_cut_or_too_long_is_none():
    image = firmware_image(NEW, size=1024)
    for wrong in (b"", image[:100], image[:-4], image[:-8] + image[-4:], image + b"\0"):
        assert contents(wrong) is None


def test_the_version_is_that_of_a_known_build():
    """An image has no version, but for those of this simulation."""
    assert contents(firmware_image("170216-fd39c59")) == ("170216-fd39c59", "1.0.0")
    assert contents(firmware_image("171117-0328fe3")) == ("171117-0328fe3", "1.1.0")


def test_an_image_has_room_for_what_it_says():
    for wrong in ({"build": "x" * 32}, {"build": NEW, "size": 150}):
        with pytest.raises(ValueError, match="at most 31"):
            firmware_image(**wrong)
    with pytest.raises(ValueError, match="16 bytes"):
        firmware_image(NEW, encrypted=b"short")


# what the module does --------------------------------------------------------------------------
def test_a_plain_image_becomes_the_firmware():
    module = offered(firmware_image(NEW, "1.2.0", 4096))
    fetched(module)
    assert build(module) == NEW + "-SPWF04S"


@pytest.mark.parametrize(("key", "after"), [(KEY, NEW), ("00:" * 15 + "00", "171117-0328fe3")])
def test_an_encrypted_image_needs_the_modules_key(key, after):
    image = firmware_image(NEW, "1.2.0", 4096, encrypted=KEY)
    module = offered(image, {"aes128_key": key})
    fetched(module)
    assert build(module) == after + "-SPWF04S"
    assert module.module.flash.image is None


def test_an_image_for_another_model_is_erased():
    module = offered(firmware_image(NEW, size=4096, model="SPWF01S"))
    fetched(module)
    assert build(module) == "171117-0328fe3-SPWF04S"


def test_from_1_0_0_on_the_configuration_is_migrated():
    """WIND 73 says so, at the first boot only. [CL]"""
    module = offered(firmware_image("171117-0328fe3", size=4096), firmware="170216-fd39c59")
    assert "+WIND:73:System Configuration Updated\r\n" in fetched(module)
    assert "+WIND:73:" not in module.ask("AT+S.RESET", seconds=3)


@pytest.mark.parametrize(
    ("port", "arguments"),
    [
        (80, "updates.example,/x,,,,"),
        (80, "updates.example,/x"),
        (8000, "updates.example,/x,8000"),
    ],
)
def test_port_and_tls_may_be_left_out(port, arguments):
    module = offered(firmware_image(NEW, size=4096), port=port)
    for disk in "ei":
        said = module.ask(f"AT+S.FWUPDATE={disk},{arguments}", seconds=2)
        assert said.endswith("AT-S.OK\r\n")
    assert module.module.flash.image is not None


def test_what_is_no_argument_is_refused():
    module = offered(b"")
    for arguments in ("x,updates.example,/x", "e,updates.example,/x,port"):
        for command in ("FWUPDATE", "FSUPDATE"):
            assert "ERROR:7:" in module.ask(f"AT+S.{command}={arguments}")
    module = offered(b"", quirks=Quirks(update_disk="no"))
    assert "ERROR:7:" in module.ask("AT+S.FWUPDATE=i,updates.example,/x")


def test_what_it_says_meanwhile():
    image = firmware_image(NEW, size=4096)
    for reading, words in (("none", ""), ("lines", "Code:200"), ("percent", "AT-S.Update:100%")):
        module = offered(image, quirks=Quirks(update_lines=reading))
        said = module.ask("AT+S.FWUPDATE=e,updates.example,/x", seconds=2)
        assert words in said
        assert said.count("\r\n") == {"none": 1, "lines": 2, "percent": 5}[reading]


# file systems ----------------------------------------------------------------------------------
FILES = {
    "index.html": b"<p>hello",
    "a long name, with blanks.fhtml": bytes(range(256)) * 20,
    "EMPTY": b"",
    "thirteen_char": b"1",
    "bänke.txt": b"2",
}


def test_an_image_of_a_file_system_has_its_files():
    image = disk_image(FILES)
    assert len(image) == 65536
    assert image[54:62] == b"FAT12   "
    assert read_disk(image) == FILES


def test_an_image_that_mkfs_and_mtools_made_is_read():
    """Its directory has a volume label, deleted files, and short names in lower case."""
    image = bytearray(disk_image({}))
    label = b"MY DISK    \x08".ljust(32, b"\0")
    deleted = b"\xe5LD     TXT\x20".ljust(32, b"\0")
    short = b"AB      HTM\x20\x18".ljust(26, b"\0") + struct.pack("<HI", 2, 5)
    image[1024 : 1024 + 96] = label + deleted + short
    image[512 + 3 : 512 + 5] = b"\xff\x0f"
    image[1024 + 512 * 32 :][:0] = b""
    at = 1024 + 512 * 32
    image[at : at + 5] = b"hello"
    assert read_disk(image) == {"ab.htm": b"hello"}


def test_what_is_no_file_system_is_refused():
    image = disk_image({"a": bytes(2000)})
    for wrong in (b"", bytes(65536), image[:100], image[: 1024 + 512 * 32 + 600]):
        with pytest.raises(NoFileSystem):
            read_disk(wrong)
    with pytest.raises(ValueError, match="do not fit"):
        disk_image({"a": bytes(60000)})


def fsupdate(module, disk="i"):
    return module.ask(f"AT+S.FSUPDATE={disk},updates.example,\\fs.img,,,,", seconds=2)


def test_fsupdate_replaces_the_files_of_the_user_flash():
    module = offered(disk_image(FILES))
    module.put("1:/old", b"gone")
    module.put("2:/other", b"stays")
    assert fsupdate(module) == "AT-S.OK\r\n"
    files = {key: bytes(data) for key, data in module.module.flash.files.items()}
    assert files == {(2, "other"): b"stays", **{(1, n): d for n, d in FILES.items()}}


def test_fsupdate_e_is_the_sd_card():
    module = offered(disk_image(FILES), sd_card=True)
    assert fsupdate(module, "e") == "AT-S.OK\r\n"
    assert (0, "index.html") in module.module.flash.files
    assert "ERROR:29:" in fsupdate(offered(disk_image(FILES)), "e")


def test_in_one_reading_a_restart_puts_them_in_place():
    module = offered(disk_image(FILES), quirks=Quirks(fs_update="restart"))
    assert fsupdate(module) == "AT-S.OK\r\n"
    assert module.module.flash.files == {}
    module.ask("AT+S.RESET", seconds=2)
    assert (1, "index.html") in module.module.flash.files


def test_an_image_that_is_none_leaves_the_old_files():
    module = offered(b"\0" * 65536)
    module.put("1:/old", b"stays")
    assert "ERROR:111:" in fsupdate(module)
    assert (1, "old") in module.module.flash.files


class Halting(Peer):
    """A web server that sends half of a file, and the rest when it is told to."""

    body = b""
    made: list

    def on_connect(self):
        self.made.append(self)

    def on_data(self, data):
        head = b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(self.body)
        self.send(head + self.body[: len(self.body) // 2])

    def go_on(self):
        self.send(self.body[len(self.body) // 2 :])
        self.close()


@pytest.mark.parametrize(("reading", "lines"), [("after", ""), ("before", "AT-S.OK\r\n")])
def test_ok_comes_before_or_after_the_rest_of_the_download(reading, lines):
    body, made = firmware_image(NEW, "1.2.0", 4096), []
    module = Joined(quirks=Quirks(update_ok=reading))
    server = type("Offer", (Halting,), {"body": body, "made": made})
    module.world.route("updates.example", 80, server)
    line = "AT+S.FWUPDATE=e,updates.example,/new.fota,80,0,,"
    assert module.ask(line, seconds=2) == lines
    assert module.module.flash.image is None
    if reading == "before":
        assert "ERROR:81:" in module.ask("AT+S.HTTPGET=updates.example,/")
    made[0].go_on()
    assert lines + module.said(2) == "AT-S.OK\r\n"
    assert module.module.flash.image == body
    assert "ERROR:81:" not in module.ask("AT+S.HTTPGET=updates.example,/")


def test_a_download_behind_the_ok_ends_with_a_restart():
    module, made = Joined(quirks=Quirks(update_ok="before")), []
    server = type("Offer", (Halting,), {"body": firmware_image(NEW, size=4096), "made": made})
    module.world.route("updates.example", 80, server)
    module.ask("AT+S.FWUPDATE=e,updates.example,/new.fota,80,0,,", seconds=2)
    module.ask("AT+S.RESET", seconds=3)
    made[0].go_on()
    module.said(3)
    assert module.module.flash.image is None
    assert not module.module.connections.http_busy


def test_short_names_are_those_of_the_long_ones():
    names = ["A.TXT", "page.html", "page1.html", "pagepage1.html", "pagepage2.html", ".hid", "b"]
    image = disk_image(dict.fromkeys(names, b"x"), when=1796092071)
    assert read_disk(image) == dict.fromkeys(names, b"x")
    folder = image[1024 : 1024 + 512 * 32]
    entries = [folder[at : at + 32] for at in range(0, len(folder), 32)]
    short = [e[:11].decode() for e in entries if e[0] and e[11] == 0x20]
    assert short == [
        "A       TXT",
        "PAGE~1  HTM",
        "PAGE1~1 HTM",
        "PAGEPA~1HTM",
        "PAGEPA~2HTM",
        "HID~1      ",
        "B          ",
    ]
    (entry,) = [e for e in entries if e[:11] == b"A       TXT"]
    date = int.from_bytes(entry[24:26], "little")
    assert (date >> 9, date >> 5 & 15, date & 31) == (46, 12, 1)
