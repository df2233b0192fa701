"""What fits no reading is left out, and said; so is what an experiment lacks."""

import socket

import pytest

from spwf04_cli.probe import around, peers
from spwf04_cli.probe.experiment import Untried, experiments
from spwf04_cli.probe.run import one
from spwf04_sim import Quirks, firmware_image
from tests.probe import stage

EXPERIMENTS = {e.title: e for e in experiments()}


def refusing(command, number):
    """A Bench with a module that refuses a command with an error of this number."""
    bench, module = stage.staged(Quirks())
    module.faults.add("refuse", command=command, number=number)
    return bench


@pytest.mark.parametrize(
    ("command", "number", "title", "left", "note"),
    [
        ("SOCKDC", 91, "network.server_close", "server_close", "server_close: 91"),
        ("HTTPPOST", 91, "applications.post", "http_content_type", "no request"),
        ("WSOCKON", 91, "applications.not_a_websocket", "websocket_error", "websocket_error: 91"),
        ("MQTTPUB", 76, "applications.broker_asked", "mqtt_ok", "mqtt_ok: AT-S.ERROR:76:"),
        ("SMTP", 91, "applications.mail", "smtp_auth", "smtp_auth: None"),
        ("SOCKL", 1, "sockets.listed", "sockl_fields", "sockl_fields: None"),
        ("SOCKDL", 1, "servers.listed", "list_fields", None),
    ],
)
def test_what_fits_no_reading_is_left_out_and_noted(command, number, title, left, note):
    bench = refusing(command, number)
    if note is None:
        with pytest.raises(Untried, match=f"{command}: AT-S.ERROR:{number}:"):
            one(bench, EXPERIMENTS[title])
        return
    assert left not in one(bench, EXPERIMENTS[title])
    assert any(note in known for known in bench.notes)


@pytest.mark.parametrize(
    ("command", "title", "why"),
    [
        ("SOCKON", "sockets.reads", "SOCKON: AT-S.ERROR:91:"),
        ("SOCKDON", "servers.client_that_goes", "SOCKDON: AT-S.ERROR:91:"),
        ("PING", "update.pings", "the gateway of the network answers no PING"),
        ("FWUPDATE", "update.update", "FWUPDATE: 91"),
        ("HTTPGET", "applications.pages", "HTTPGET: 91"),
        ("HTTPGET", "applications.full", "HTTPGET into 2:/probe-test.txt: 91"),
        ("MQTTCONN", "applications.messages", "MQTTCONN: 91"),
        ("TFTPGET", "applications.tftp", "TFTPGET: 91, and no file"),
    ],
)
def test_a_command_that_is_refused_is_named(command, title, why):
    with pytest.raises(Untried, match=why):
        one(refusing(command, 91), EXPERIMENTS[title])


def test_an_end_that_is_not_told_is_no_reading():
    bench, module = stage.staged(Quirks())
    module.faults.add("wind58_missing")
    with pytest.raises(Untried, match="no WIND 58 came"):
        one(bench, EXPERIMENTS["network.ends"])


def test_a_computer_that_is_not_reached_is_said():
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = server.getsockname()
    with pytest.raises(Untried, match=r"does not reach the module at 127\.0\.0\.1"):
        with peers.client(where):
            pass


def test_a_silent_port_takes_no_connection():
    with peers.silent(stage.bench(Quirks())) as port:
        with pytest.raises(OSError), socket.create_connection(("127.0.0.1", port), 0.3):
            pass


# the image of a firmware -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read: No such file"),
        (b"no image", "is damaged, encrypted, or no firmware"),
        (firmware_image("180301-1234567", encrypted=bytes(range(16))), "encrypted"),
    ],
)
def test_a_firmware_that_is_none_is_not_loaded(content, why, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "SPWF04S.ota").write_bytes(content)
    with pytest.raises(Untried, match=why):
        around.Person(lambda text: True).firmware()


def test_a_firmware_is_the_one_that_a_person_has_put_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = []
    image = firmware_image("180301-1234567")

    def copied(text):
        asked.append(text)
        (tmp_path / "SPWF04S.ota").write_bytes(image)
        return True

    assert around.Person(copied).firmware() == image
    assert "as SPWF04S.ota" in asked[0]
    with pytest.raises(Untried, match="left out by hand"):
        around.Person(lambda text: False).firmware()


def test_who_is_alone_pulls_no_cable():
    alone = around.Around()
    for do in (lambda: alone.cable(False), alone.firmware):
        with pytest.raises(Untried, match="nobody is there"):
            do()
    assert alone.towards("192.168.1.23", 80) == ("192.168.1.23", 80)


@pytest.mark.parametrize(
    ("quirks", "title", "left", "why"),
    [
        ({"tls_info_lines": "never"}, "tls.info_lines", {"skip_ca"}, "shows no lines"),
        (
            {"peer_certificate_limit": False},
            "tls.large",
            {"certificate_error_size"},
            "is taken",
        ),
        (
            {"file_lookup": False},
            "tls.places",
            {"ca_file_encoding", "ca_file_name"},
            "no CA in the files",
        ),
        ({"slot_lookup": False}, "tls.places", {"slot_encoding"}, "no CA in the slot"),
        ({"http_end": "close"}, "applications.pages", {"http_cut"}, "looks at no length"),
        ({"pms_ok": "before"}, "console.power_save", {"pms_ok"}, "holds indications"),
    ],
)
def test_what_another_point_hides_is_left_out_with_that_reason(quirks, title, left, why):
    bench = stage.bench(Quirks(**quirks))
    experiment = EXPERIMENTS[title]
    assert set(experiment.names) - set(one(bench, experiment)) == left
    assert any(why in note for note in bench.notes)
