"""spwf04 trust and ca: what is on the module afterwards, what they print, what they cost."""

import json
import ssl

import pytest

from spwf04_cli.output import DONE, FAILED, NO_MODULE, USAGE
from spwf04_sim import Quirks
from tests.cli import at_port, spwf04
from tests.shims.controller import Controller
from tests.shims.mcu import behind_mcu
from tests.shims.names import names
from tests.shims.servers import servers
from tests.shims.shapes import Shape, rsa_key, three

JOIN = ("--join", "home", "--password", "correct horse")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Names of PEM files: all (three CAs), ca, other, leaf, key."""
    folder = tmp_path_factory.mktemp("pem")
    made = servers()
    pems = [ca.cert_pem.bytes() for ca in (made.ca, made.other_ca, made.rsa_ca)]
    content = {
        "all": b"".join(pems),
        "ca": pems[0],
        "other": pems[1],
        "leaf": made.leaf.cert_chain_pems[0].bytes(),
        "key": made.leaf.private_key_pem.bytes(),
    }
    for name, data in content.items():
        (folder / f"{name}.pem").write_bytes(data)
    return {name: str(folder / f"{name}.pem") for name in content}


@pytest.fixture
def desk():
    """A Controller at the port. PC and module reach the same servers.

    It runs on real time, because real servers answer when they can.
    """
    controller = Controller()
    with names(dict(servers().targets)), at_port(controller.module, "/dev/ttyUSB0"):
        yield controller


def run(*arguments, **more):
    return spwf04(*arguments, "--port", "/dev/ttyUSB0", **more)


def result(*arguments):
    """(exit code, document)."""
    done = run(*arguments, "--json")
    return done.code, json.loads(done.out)


# trust ---------------------------------------------------------------------------------------
def test_a_factory_fresh_module_trusts_a_server_in_one_command(desk, files):
    code, done = result("trust", "www.example.com", "--roots", files["all"], *JOIN)
    assert code == DONE and done["ok"] is True
    (server,) = done["servers"]
    assert server["ca"]["ski"] == desk.ca_ski()
    assert server["ca"]["where"] == "slot" and server["from"] == "all.pem"
    assert desk.slot() == ["ca"]
    assert done["address"] == "192.168.1.23"
    assert server["cost"]["commands"] > 3 and server["cost"]["bytes_to_module"] > 460


def test_the_cost_is_what_the_module_saw(desk, files):
    _, done = result("trust", "--pem", files["ca"])
    assert done["cost"]["bytes_to_module"] == desk.bytes_in()


def test_a_second_time_nothing_is_uploaded_if_the_module_names_its_ca(files):
    controller = Controller(quirks=Quirks(content_text="ski"))
    with names(dict(servers().targets)), at_port(controller.module, "/dev/ttyUSB0"):
        for uploads in (1, 1):
            assert run("trust", "www.example.com", "--roots", files["all"], *JOIN).code == DONE
            assert len([c for c in controller.log() if "TLSCERT=ca" in c]) == uploads


def test_servers_under_two_cas_are_all_verified_again_at_the_end(desk, files):
    hosts = ["www.example.com", "other-ca.example"]
    code, done = result("trust", *hosts, "--roots", files["all"], *JOIN)
    assert code == DONE
    assert [s["ca"]["where"] for s in done["servers"]] == ["file", "file"]
    assert all(s["ca"]["volatile"] for s in done["servers"])
    opened = [c for c in desk.log() if "SOCKON" in c and "NULL,t" not in c]
    assert [host for host in hosts if host in opened[-2] + opened[-1]] == hosts


def test_a_ca_that_is_alone_leaves_the_ram_disk_for_the_flash_slot(desk, files):
    run("trust", "www.example.com", "other-ca.example", "--roots", files["all"], *JOIN)
    assert len(desk.files()) == 2
    assert run("trust", "www.example.com", "--roots", files["all"]).code == DONE
    assert desk.slot() == ["ca"]
    assert desk.ca_ski() + ".ca" not in desk.files()


def test_what_the_module_cannot_take_is_not_tried_and_the_others_are_done(desk, files):
    code, done = result(
        "trust", "mixed.example", "expired.example", "nobody.invalid", "www.example.com",
        "--roots", files["all"], *JOIN,
    )  # fmt: skip
    assert code == FAILED and done["ok"] is False
    assert [s["ok"] for s in done["servers"]] == [False, False, False, True]
    assert [s["cost"]["commands"] for s in done["servers"][:3]] == [0, 0, 0]
    assert "mixes RSA and ECDSA" in done["servers"][0]["error"]["what"]
    assert done["servers"][3]["ca"]["where"] == "slot"


def test_anyway_lets_the_module_try_and_leaves_no_ca_behind_that_did_not_help(desk, files):
    code, done = result("trust", "mixed.example", "--anyway", "--roots", files["all"], *JOIN)
    assert code == FAILED
    (server,) = done["servers"]
    assert server["error"]["code"] == 11
    assert server["ca"] is None and desk.slot() == [] and desk.files() == []


def test_a_module_that_can_more_than_expected_is_told(files):
    controller = Controller(quirks=Quirks(mixed_chains=True))
    with names(dict(servers().targets)), at_port(controller.module, "/dev/ttyUSB0"):
        done = run("trust", "mixed.example", "--anyway", "--roots", files["all"], *JOIN)
    assert done.code == DONE
    assert "it was expected to fail: the chain mixes" in " ".join(done.out.split())


def test_an_impostor_is_not_trusted_by_what_the_desk_does_not_trust(desk):
    code, done = result("trust", "www.example.com", *JOIN)
    assert code == FAILED
    assert "its CA is not trusted here" in done["servers"][0]["error"]["what"]
    assert desk.slot() == [] and desk.files() == []


def test_an_impostor_on_the_modules_network_is_not_trusted(desk, files):
    """The PC reaches the real server, the module another."""
    desk.world.route("www.example.com", 443, servers().targets["other-ca.example", 443])
    code, done = result("trust", "www.example.com", "--roots", files["all"], *JOIN)
    assert code == FAILED
    assert "not for www.example.com" in done["servers"][0]["error"]["what"]
    assert desk.slot() == [] and desk.files() == []


def test_a_server_that_wants_a_client_certificate_leaves_its_ca_in_place(desk, files):
    code, done = result("trust", "mutual.example", "--roots", files["all"], *JOIN)
    assert code == FAILED
    assert "client certificate" in done["servers"][0]["error"]["todo"]
    assert done["servers"][0]["ca"]["ski"] == desk.ca_ski()
    assert desk.slot() == ["ca"]


def test_a_server_by_address_with_the_name_in_its_certificate(desk, files):
    desk.world.route("192.0.2.7", 443, servers().targets["www.example.com", 443])
    with names({("192.0.2.7", 443): servers().targets["www.example.com", 443]}):
        arguments = ["192.0.2.7", "--name", "www.example.com", "--roots", files["all"]]
        assert run("trust", *arguments, *JOIN).code == DONE
        assert run("trust", *arguments[:1], *arguments[3:]).code == FAILED


def test_cas_from_files_need_no_network(desk, files):
    code, done = result("trust", "--pem", files["ca"], "--pem", files["other"])
    assert code == DONE
    assert done["address"] is None
    assert len(done["cas"]) == 2 and all(ca["ca"]["where"] == "file" for ca in done["cas"])
    assert not any("SOCKON" in c for c in desk.log())


def test_a_ca_from_a_file_that_the_module_may_not_use_is_told(desk, tmp_path):
    root, _, _ = three("large.example", root_key=rsa_key(0, 4096), middle_key=rsa_key(0))
    shape = Shape("large.example", [], None, [root.cert])
    file = tmp_path / "large.pem"
    file.write_text(ssl.DER_cert_to_PEM_cert(shape.root_ders()[0]))
    done = run("trust", "--pem", str(file))
    assert done.code == DONE
    assert "RSA-4096" in done.out


def test_a_file_trusted_for_a_server_in_the_same_command(desk, files):
    code, done = result("trust", "www.example.com", "--pem", files["ca"], *JOIN)
    assert code == DONE
    assert done["servers"][0]["from"] == "ca.pem"
    assert desk.slot() == ["ca"]


@pytest.mark.parametrize("file", ["leaf", "key"])
def test_what_is_no_ca_is_refused_before_a_byte_is_sent(file, desk, files):
    done = run("trust", "--pem", files[file])
    assert done.code == USAGE
    assert desk.bytes_in() == 0


def test_neither_server_nor_file_is_a_usage_error(desk):
    assert run("trust").code == USAGE
    assert desk.bytes_in() == 0


def test_without_a_network_it_says_how_to_join(desk, files):
    done = run("trust", "www.example.com", "--roots", files["all"])
    assert done.code == FAILED
    assert "--join" in done.err


def test_a_wrong_password_is_not_shown(desk, files):
    arguments = ["trust", "www.example.com", "--roots", files["all"], "--join", "home"]
    done = run(*arguments, "--password", "-", "--debug", stdin="not the password\n")
    assert done.code == FAILED
    assert "not the password" not in done.out + done.err


def test_a_module_that_falls_silent_is_no_module(desk, files):
    desk.unplug()
    assert run("trust", "--pem", files["ca"]).code == NO_MODULE


def test_behind_an_mcu_the_driver_there_does_it(files, tmp_path):
    with behind_mcu(tmp_path) as bench, names(dict(servers().targets)):
        here = ("--via-mcu", bench.port)
        hosts = ["www.example.com", "other-ca.example"]
        wiring = ("--board", bench.board_file)
        done = spwf04("trust", *hosts, "--roots", files["all"], *JOIN, *here, *wiring, "--json")
        assert done.code == DONE
        found = json.loads(done.out)
        assert [s["ca"]["where"] for s in found["servers"]] == ["file", "file"]
        assert found["cost"]["bytes_to_module"] == bench.controller.bytes_in()
        skis = [e["ski"] for e in json.loads(spwf04("ca", "list", "--json", *here).out)]
        assert sorted(ski + ".ca" for ski in skis) == bench.controller.files()
        pem = spwf04("ca", "export", bench.controller.ca_ski(), *here).out
        assert ssl.PEM_cert_to_DER_cert(pem) == bench.controller.ca_der()
        assert spwf04("ca", "remove", skis[0], *here).code == DONE
        assert bench.controller.files() == [skis[1] + ".ca"]


# ca ------------------------------------------------------------------------------------------
def two(files):
    assert run("trust", "--pem", files["ca"], "--pem", files["other"]).code == DONE


def test_ca_list_shows_what_is_on_the_module(desk, files):
    two(files)
    code, found = result("ca", "list")
    assert code == DONE
    assert sorted(e["ski"] + ".ca" for e in found) == desk.files()
    assert all(e["subject"].startswith("trustme") and e["volatile"] for e in found)
    assert desk.ca_ski() in run("ca", "list").out


def test_ca_list_names_a_ca_in_the_slot_by_certifis_roots(tmp_path):
    from spwf04_cli.server.roots import certifi_roots, info

    root = next(der for der in certifi_roots() if info(der).key == "EC")
    file = tmp_path / "public.pem"
    file.write_text(ssl.DER_cert_to_PEM_cert(root))
    controller = Controller(quirks=Quirks(content_text="ski"))
    with at_port(controller.module, "/dev/ttyUSB0"):
        assert run("trust", "--pem", str(file)).code == DONE
        _, found = result("ca", "list")
    assert [(e["where"], e["subject"]) for e in found] == [("slot", info(root).subject)]


def test_ca_list_shows_what_the_driver_put_into_the_slot(desk, files):
    run("trust", "--pem", files["ca"])
    done = run("ca", "list")
    assert desk.ca_ski() + "  in the flash slot" in done.out
    assert "slot may hold a CA" not in done.err


def test_ca_list_says_that_the_slot_may_not_show(desk, files):
    desk.module.flash.slot["ca"] = desk.ca_der()  # put there by a program that writes no notes
    done = run("ca", "list")
    assert done.code == DONE
    assert "The module shows no CA" in done.out
    assert "slot may hold a CA" in done.err


def test_ca_remove_removes_one(desk, files):
    two(files)
    ski = desk.ca_ski()
    colons = ":".join(ski[i : i + 2] for i in range(0, 40, 2)).upper()
    assert run("ca", "remove", colons).code == DONE
    assert len(desk.files()) == 1 and ski + ".ca" not in desk.files()
    done = run("ca", "remove", ski)
    assert done.code == FAILED
    assert "ca list" in done.err


def test_ca_remove_all_asks_first(desk, files):
    two(files)
    assert run("ca", "remove", "--all", stdin="n\n").code != DONE
    assert len(desk.files()) == 2
    assert run("ca", "remove", "--all", stdin="y\n").code == DONE
    assert desk.files() == [] and desk.slot() == []
    assert run("ca", "remove", "--all", "--yes").code == DONE


@pytest.mark.parametrize("arguments", [[], ["--all", "00" * 20], ["xyz"], [".ca"]])
def test_ca_remove_without_a_sense_is_a_usage_error(arguments, desk):
    assert run("ca", "remove", *arguments).code == USAGE
    assert desk.bytes_in() == 0


def test_ca_export_reads_it_back_as_pem(desk, files, tmp_path):
    two(files)
    ski = desk.ca_ski()
    done = run("ca", "export", ski)
    assert done.code == DONE
    assert ssl.PEM_cert_to_DER_cert(done.out) == desk.ca_der()
    file = tmp_path / "out.pem"
    assert run("ca", "export", ski + ".ca", "-o", str(file)).code == DONE
    assert ssl.PEM_cert_to_DER_cert(file.read_text()) == desk.ca_der()


def test_ca_export_of_the_slot_says_that_it_cannot_be_read(desk, files):
    run("trust", "--pem", files["ca"])
    done = run("ca", "export", desk.ca_ski())
    assert done.code == FAILED
    assert "cannot be read" in " ".join(done.err.replace("│", "").split())


# bundle --------------------------------------------------------------------------------------
def test_bundle_takes_what_the_hosts_need(desk, files, tmp_path):
    from spwf04 import Bundle

    file = tmp_path / "roots.bin"
    hosts = ["www.example.com", "https://other-ca.example/x"]
    done = spwf04("bundle", "-o", str(file), "--ca", files["all"], *hosts, "--json")
    assert done.code == DONE
    assert json.loads(done.out)["roots"] == len(Bundle(str(file))) == 2


def test_bundle_names_every_host_that_fails_and_writes_nothing(desk, files, tmp_path):
    file = tmp_path / "roots.bin"
    hosts = ["www.example.com", "expired.example", "nobody.invalid"]
    done = spwf04("bundle", "-o", str(file), "--ca", files["all"], *hosts)
    assert done.code == FAILED
    assert "expired.example" in done.err and "nobody.invalid" in done.err
    assert not file.exists()
