"""image make, show, load, and what update does with an image in a file."""

import gzip
import json
import os
import shutil
import struct
import subprocess

import pytest

from spwf04_cli import images
from spwf04_cli import simulated as simulated_cli
from spwf04_cli.output import DONE, FAILED, USAGE
from spwf04_sim import Quirks, Timing, VirtualClock, firmware_image
from spwf04_sim.parts.fat import disk_image, read_disk
from spwf04_sim.parts.ota import contents
from tests.cli import at_port, spwf04
from tests.shims.desk import loopback, simulated
from tests.shims.images import NEW

OLD = "171117-0328fe3"
FILES = {"index.html": b"<p>a page" * 200, "door.fhtml": b"<!--|06|Input|0-->", "empty": b""}


def said(done):
    """What an error says, without its frame."""
    return " ".join(done.err.replace("\u2502", " ").split())


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    (folder / ".hidden").write_text("x")
    return folder


@pytest.fixture
def image(tmp_path):
    """image(bytes) -> the path of a file with them"""

    def made(data):
        (tmp_path / "given").write_bytes(data)
        return str(tmp_path / "given")

    return made


def joined(**quirks):
    controller = simulated(quirks=Quirks(**quirks))
    loopback(controller.world)
    with at_port(controller.module) as port:
        spwf04("join", "home", "--password", "correct horse", "--port", port)
    return controller


def run(controller, *words, stdin=""):
    with at_port(controller.module) as port:
        return spwf04(*words, "--address", "127.0.0.1", "--port", port, stdin=stdin)


# make and show ---------------------------------------------------------------------------------
def test_a_folder_becomes_an_image_that_other_programs_read(site, tmp_path):
    file = tmp_path / "site.img"
    done = spwf04("image", "make", str(site), str(file))
    assert done.code == DONE, done.err
    assert ".hidden" in done.err
    assert read_disk(file.read_bytes()) == FILES
    assert file.stat().st_size == 65536
    if shutil.which("mcopy"):  # mtools
        there = tmp_path / "there"
        there.mkdir()
        command = ["mcopy", "-n", "-i", str(file), "::/*", str(there)]
        environment = {**os.environ, "LANG": "C.UTF-8", "MTOOLS_SKIP_CHECK": "1"}
        subprocess.run(command, check=True, env=environment)
        assert {f.name: f.read_bytes() for f in there.iterdir()} == FILES
    for program in filter(None, map(shutil.which, ("fsck.fat", "/usr/sbin/fsck.fat"))):
        subprocess.run([program, "-n", str(file)], check=True, capture_output=True)


def test_the_size_and_packed_files(site, tmp_path):
    file = tmp_path / "site.img"
    words = "image", "make", str(site), str(file), "--gzip", "--json"
    done = spwf04(*words, "--size", "128")
    assert done.code == DONE
    found = json.loads(done.out)
    assert found["size"] == file.stat().st_size == 131072
    assert [f["name"] for f in found["files"]] == [*sorted(FILES), "index.gz.html"]
    packed = read_disk(file.read_bytes())["index.gz.html"]
    assert gzip.decompress(packed) == FILES["index.html"]
    assert spwf04(*words).code == FAILED  # it is there
    assert spwf04(*words, "--force").code == DONE


def test_sts_header_is_put_before_it(site, tmp_path):
    file = tmp_path / "site.fota"
    assert spwf04("image", "make", str(site), str(file), "--header", "261201-mine").code == DONE
    data = file.read_bytes()
    assert len(data) == 140 + 65536 + 4
    assert struct.unpack_from("<IIII", data) == (0x00228800, 140, 0, 65536)
    assert contents(data)[0] == "261201-mine"  # as a module reads it
    done = spwf04("image", "show", str(file), "--json")
    found = json.loads(done.out)
    assert (found["kind"], found["version"]) == ("files", "261201-mine")
    assert {f["name"]: f["size"] for f in found["files"]} == {n: len(d) for n, d in FILES.items()}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a,b.html", "has ,"),
        ("folder/x", "no file"),
        ("INDEX.HTML", "twice"),
        ("x" * 190, "long"),
        ("h\u00f6he", "ASCII"),
    ],
)
def test_a_folder_that_cannot_be_a_volume_is_a_usage_error(site, tmp_path, name, words):
    (site / name).parent.mkdir(exist_ok=True)
    (site / name).write_text("x")
    done = spwf04("image", "make", str(site), str(tmp_path / "x.img"))
    assert done.code == USAGE
    assert words in said(done)
    assert not (tmp_path / "x.img").exists()


def test_files_that_do_not_fit_are_a_usage_error(site, tmp_path):
    (site / "large").write_bytes(bytes(60000))
    done = spwf04("image", "make", str(site), str(tmp_path / "x.img"))
    assert done.code == USAGE
    assert "do not fit" in said(done)
    for version in ("", "x" * 32, "h\u00f6he"):
        words = "image", "make", str(site), str(tmp_path / "x.img"), "--size", "128"
        assert spwf04(*words, "--header", version).code == USAGE


def test_an_empty_folder_is_a_usage_error(tmp_path):
    (tmp_path / "empty").mkdir()
    assert spwf04("image", "make", str(tmp_path / "empty"), str(tmp_path / "x")).code == USAGE


def test_show_says_what_a_firmware_is(image):
    done = spwf04("image", "show", image(firmware_image(NEW, size=20000)))
    assert done.code == DONE
    assert NEW in done.out
    assert "none: it does not tell who made it" in done.out
    done = spwf04("image", "show", image(firmware_image(NEW, encrypted=bytes(16))), "--json")
    assert json.loads(done.out)["kind"] == "encrypted"


# what is refused -------------------------------------------------------------------------------
def changed(data, at, byte=None):
    data = bytearray(data)
    data[at] = data[at] ^ 0xFF if byte is None else byte
    return bytes(data)


WHOLE = firmware_image(NEW, "1.2.0", 300000)
DAMAGED = {
    "id": (changed(WHOLE, 0), "neither ST's header"),
    "header length": (changed(WHOLE, 4), "header is damaged"),
    "base": (changed(WHOLE, 8), "header is damaged"),
    "length": (changed(WHOLE, 12), "damaged or cut"),
    "cut": (WHOLE[:-1000], "damaged or cut"),
    "longer": (WHOLE + b"x", "damaged or cut"),
    "only a beginning": (WHOLE[:100], "it is cut"),
    "model": (firmware_image(NEW, model="SPWF01S"), "SPWF01S, not for SPWF04S"),
    "no model": (firmware_image(NEW, model=""), "(none), not for"),
    "model's text": (changed(WHOLE, 40), "no text as its model"),
    "version's text": (changed(WHOLE, 48), "no text as its version"),
    "sha-256": (changed(WHOLE, 80), "SHA-256"),
    "content": (changed(WHOLE, 5000), "SHA-256"),
    "final word": (changed(WHOLE, -1), "final word"),
    "nothing of ours": (b"GIF89a" * 1000, "neither ST's header"),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_image_is_refused_before_anything_is_sent(image, kind):
    data, words = DAMAGED[kind]
    controller = simulated()
    for command in (("image", "show", image(data)), ("update", image(data), "--yes")):
        with at_port(controller.module) as port:
            more = ("--port", port) if command[0] == "update" else ()
            done = spwf04(*command, *more)
        assert done.code == FAILED, command
        assert words in said(done)
    assert controller.commands() == 0


def test_every_byte_of_a_header_counts():
    for at in range(112):
        with pytest.raises(images.Unfit):
            images.read(changed(firmware_image(NEW, size=400), at))
    for at in range(112, 140):  # then it says that it is encrypted
        assert images.read(changed(firmware_image(NEW, size=400), at)).encrypted


def test_an_encrypted_image_is_sent_only_if_that_is_said(image):
    key = bytes(range(16))
    data = firmware_image(NEW, "1.2.0", 300000, encrypted=key)
    controller = joined()
    done = run(controller, "update", image(data), "--yes")
    assert done.code == FAILED
    assert "--encrypted" in done.err
    controller.module.variables["aes128_key"] = controller.module.flash.saved["aes128_key"] = (
        key.hex(":")
    )
    done = run(controller, "update", image(data), "--yes", "--encrypted", "--json")
    assert done.code == DONE, done.out
    (told,) = [c for c in json.loads(done.out)["checks"] if "encrypted" in c["said"]]
    assert told["state"] == "warning"
    assert controller.module.firmware == NEW
    done = run(controller, "update", image(WHOLE), "--yes", "--encrypted")
    assert done.code == FAILED


def test_an_older_firmware_is_asked_for_twice(image):
    old = firmware_image("170216-fd39c59", size=300000)
    controller = joined()
    done = run(controller, "update", image(old), stdin="y\nn\n")
    assert done.code == FAILED
    assert "older than 171117-0328fe3-SPWF04S" in " ".join(done.out.split())
    assert controller.module.firmware == OLD
    assert run(controller, "update", image(old), stdin="y\ny\n").code == DONE
    assert controller.module.firmware == "170216-fd39c59"


@pytest.mark.parametrize(
    ("version", "age"),
    [
        (OLD, 0),
        ("171117-ffffff", None),
        ("171118-0000000", 1),
        ("160101-0", -1),
        ("mine", None),
        ("", None),
    ],
)
def test_the_age_of_a_version_is_its_date(version, age):
    assert images.age(version, f"{OLD}-SPWF04S") == age


def test_files_are_no_firmware_and_firmware_is_no_files(image):
    done = run(joined(), "update", image(disk_image(FILES)), "--yes")
    assert (done.code, "image load" in done.err) == (USAGE, True)
    done = run(joined(), "image", "load", image(WHOLE), "--yes")
    assert (done.code, "spwf04 update" in done.err) == (USAGE, True)


def test_a_damaged_file_system_is_refused(image):
    data = disk_image(FILES)
    assert "damaged file system" in said(spwf04("image", "show", image(data[:20000])))


# load ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("fs_update", ["at once", "restart"])
@pytest.mark.parametrize("header", [False, True])
def test_the_files_of_an_image_take_the_place_of_all_others(image, fs_update, header):
    controller = joined(fs_update=fs_update)
    controller.put_on(1, "old.html", b"x")
    controller.put_on(1, "abc.ca", b"x")
    data = disk_image(FILES)
    data = images.wrapped(data, "261201-mine") if header else data
    done = run(controller, "image", "load", image(data), stdin="n\n")
    assert done.code == FAILED
    assert "abc.ca, old.html" in said(done) and "CAs are among those" in said(done)
    assert not controller.asked()
    controller.save_setting("wifi_ssid", "home")
    done = run(controller, "image", "load", image(data), stdin="y\n")
    assert done.code == DONE, done.out + done.err
    files = controller.module.flash.files
    assert {name: bytes(d) for (v, name), d in files.items() if v == 1} == FILES


def test_files_that_did_not_arrive_as_they_are_fail(image, monkeypatch):
    controller = joined()
    replace = controller.module.flash.replace
    monkeypatch.setattr(
        controller.module.flash,
        "replace",
        lambda volume, files: replace(volume, {**files, "index.html": b"other", "more": b"x"}),
    )
    done = run(controller, "image", "load", image(disk_image(FILES)), "--yes", "--json")
    assert done.code == FAILED
    told = [(c["state"], c["said"]) for c in json.loads(done.out)["checks"]]
    assert ("warning", "more is there, and not in the image") in told
    assert ("failed", "missing or different: index.html") in told


def test_without_a_network_it_says_to_join(image):
    done = run(simulated(), "image", "load", image(disk_image(FILES)), "--yes")
    assert done.code == FAILED
    assert "spwf04 join SSID" in done.err


def test_a_firmware_that_refuses_says_what_to_do(image):
    done = run(joined(update_disk="no"), "image", "load", image(disk_image(FILES)), "--yes")
    assert done.code == FAILED
    assert "spwf04 put" in said(done)


def test_the_bench_of_spwf04_sim_reaches_this_computer(tmp_path):
    """So what a module fetches from it can be tried without a module."""
    module = simulated_cli.world_file().modules[0].build(VirtualClock(), Timing.fast())
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a.html").write_text("<p>")
    image = str(tmp_path / "site.img")
    assert spwf04("image", "make", str(tmp_path / "site"), image).code == 0
    with at_port(module) as port:
        join = ("simulated", "--password", "password")
        assert spwf04("join", *join, "--port", port).code == 0
        done = spwf04("image", "load", image, "--yes", "--address", "127.0.0.1", "--port", port)
    assert done.code == 0, done.out + done.err
    assert (1, "a.html") in module.flash.files
