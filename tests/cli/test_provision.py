"""spwf04 provision: one module and a few."""

import contextlib
import io
import json
import signal
import subprocess
import threading

import pytest
from rich.console import Console

from spwf04 import SPWF04, ModuleError
from spwf04.pki.pem import to_pem
from spwf04_cli import output
from spwf04_cli.commands import provision
from spwf04_cli.provisioning import record
from spwf04_cli.provisioning.prepare import writes_flash
from spwf04_sim import Flash, PtyPort, Quirks, VirtualClock
from tests import HANG
from tests.cli import spwf04
from tests.cli.benches import PASSWORD, PLAN, WORLD, Bench, der, says
from tests.shims.micropython import tool
from tests.shims.servers import servers


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    monkeypatch.setenv("BENCH_PASSWORD", PASSWORD)


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


@pytest.fixture
def bench_of(tmp_path):
    """bench_of(modules in TOML, plan, world) -> Bench"""
    return lambda *args, **more: Bench(tmp_path, *args, **more)


OFF = {"ip_use_httpd": "0", "ip_use_tftpd": "0"}  # the module's own servers


# what it does --------------------------------------------------------------------------------
def test_a_factory_fresh_module_gets_all_that_the_plan_says(bench):
    done = bench.run()
    assert done.code == output.DONE, done.out + done.err
    flash = bench.module.flash
    assert flash.saved == {"user_desc": "door-17111984", **OFF}
    assert flash.slot["ca"] == der(servers().ca)
    assert flash.files.pop((1, "spwf04.trust")).startswith(b"slot device ")
    assert flash.files == {(1, "page.html"): b"<p>A page"}
    told = bench.told()
    assert told["result"] == "done"
    assert told["serial"] == "17111984"
    assert told["mac"] == "00:80:E1:BD:00:39"
    assert told["firmware"] == "1.1.0"
    assert told["network"] == {"ssid": "bench", "address": "192.168.1.23", "rssi": -47}
    assert [c["ski"] for c in told["certificates"]] == [servers_ski()]
    assert told["certificates"][0]["where"] == "flash slot"
    assert told["certificates"][0]["for"] == ["www.example.com:443"]
    assert [v["host"] for v in told["verified"]] == ["www.example.com"]


def servers_ski():
    from spwf04.pki.x509 import Certificate

    return Certificate(der(servers().ca)).ski


def test_its_fingerprint_is_that_of_the_certificate(bench):
    import hashlib

    bench.run()
    assert bench.rows()[0]["fingerprints"] == hashlib.sha256(der(servers().ca)).hexdigest()


def test_a_second_run_changes_nothing_and_says_so(bench):
    bench.run()
    module = bench.module
    before = (dict(module.flash.saved), dict(module.flash.slot), dict(module.flash.files))
    sent = len(module.log)
    done = bench.run()
    assert done.code == output.DONE
    assert "nothing was changed" in done.out
    told = bench.told()
    assert (told["result"], told["changed"], told["flash_writes"]) == ("unchanged", [], 0)
    assert told["commands"] == len(module.log) - sent
    assert not [line for line in module.log[sent:] if writes_flash(line.encode())]
    assert (module.flash.saved, module.flash.slot, module.flash.files) == before


def test_a_second_run_does_not_need_the_state_to_change_nothing(bench):
    bench.run()
    (bench.folder / "plan-state.json").unlink()
    bench.run("--force")  # the report is written anew
    told = bench.told()
    assert (told["result"], told["flash_writes"]) == ("unchanged", 0)
    assert [(c["ski"], c["placed"]) for c in told["certificates"]] == [(servers_ski(), None)]


def test_the_network_of_the_bench_is_not_left_on_the_module(bench):
    bench.run()
    assert bench.module.log[-1] == "AT+S.RESET"
    assert bench.told()["left"] == "restarted, with what its flash holds"
    assert bench.module.variables["wifi_ssid"] == ""


def test_what_was_set_and_not_saved_by_somebody_does_not_get_into_the_flash(bench):
    bench.module.variables["blink_led"] = "1"
    bench.run()
    assert "blink_led" not in bench.module.flash.saved


def test_what_drifted_is_put_right_and_nothing_else(bench):
    bench.run()
    bench.module.flash.saved["user_desc"] = "somebody"
    bench.run()
    assert bench.told()["changed"] == ["user_desc = door-17111984"]
    assert bench.module.flash.saved["user_desc"] == "door-17111984"
    bench.module.flash.files[1, "page.html"] += b"!"
    bench.run()
    assert bench.told()["changed"] == ["file 1:/page.html"]
    bench.module.flash.slot.clear()
    bench.run()
    assert [c.split(",")[0] for c in bench.told()["changed"]] == [
        f"CA {bench.told()['certificates'][0]['subject']}"
    ]


def test_a_number_that_the_module_writes_otherwise_is_the_same(bench):
    bench.plan('[module]\nservers = "unchanged"\n[settings]\nwifi_operational_mode = "0x11"\n')
    bench.run()
    assert bench.told()["flash_writes"] == 0


def test_each_module_gets_its_own_file(bench_of):
    bench = bench_of(
        "[[module]]\ncount = 2\n",
        '[[file]]\nname = "1:/id"\npath = "id-{serial}-{tail}"\n',
    )
    (bench.folder / "id-17111984-BD-00-39").write_text("one")
    bench.run()
    assert bench.module.flash.files == {(1, "id"): b"one"}
    second = bench.told("port-2")
    assert (second["result"], second["step"]) == ("failed", "files")
    assert "id-17111985-BD-00-3A" in second["error"]


def test_the_clock_is_set_only_if_it_is_wrong(bench):
    bench.plan("[module]\n")
    bench.run()
    assert [line for line in bench.module.log if line.startswith("AT+S.TIME=")]
    sent = len(bench.module.log)
    bench.run()
    assert not [line for line in bench.module.log[sent:] if line.startswith("AT+S.TIME=")]


def test_the_clock_by_ntp(bench):
    network = '[network]\nssid = "bench"\npassword_env = "BENCH_PASSWORD"\n'
    bench.plan('[module]\nclock = "ntp"\n' + network + "[settings]\nip_ntp_startup = 0\n")
    assert bench.run().code == output.DONE
    assert abs(bench.module.time - bench.module.world.ntp) < 60
    bench.module.set_clock(0)
    bench.module.world.ntp = None
    assert bench.run().code == output.FAILED
    assert (bench.told()["step"], bench.told()["error"]) == ("clock", "no NTP server answered")


@pytest.mark.parametrize(
    ("line", "flash"),
    [
        (b"AT+S.WCFG\r", True),
        (b"AT+S.TLSCERT=ca,1239\r", True),
        (b"AT+S.TLSCERT=content,2\r", True),
        (b"AT+S.FSC=1:/a,3\r", True),
        (b"AT+S.FSD=a\r", True),
        (b"AT+S.FSR=1:/a.new,1:/a\r", True),
        (b"AT+S.TLSCERT=content,1\r", False),
        (b"AT+S.FSC=2:/a,3\r", False),
        (b"AT+S.FSL\r", False),
        (b"AT+S.SCFG=user_desc,WCFG\r", False),
        (b"AT+S.TIME=1764000000\r", False),
        (b"AT\r", False),
    ],
)
def test_what_counts_as_a_write_to_flash(line, flash):
    assert writes_flash(line) == flash


# a network that is kept ----------------------------------------------------------------------
KEPT = PLAN.replace("[roots]", "keep = true\n[roots]")


def test_a_network_that_is_kept_is_saved_once_it_was_joined(bench_of):
    bench = bench_of(plan=KEPT)
    bench.run()
    saved = bench.module.flash.saved
    assert (saved["wifi_ssid"], saved["wifi_wpa_psk_text"]) == ("bench", PASSWORD)
    assert saved["user_desc"] == "door-17111984"
    assert bench.told()["changed"][1:5] == [
        "user_desc = door-17111984",
        "ip_use_httpd = 0",
        "ip_use_tftpd = 0",
        "network bench",
    ]
    bench.run()
    assert (bench.told()["result"], bench.told()["flash_writes"]) == ("unchanged", 0)


def test_a_wrong_password_is_not_saved(bench_of, monkeypatch):
    bench = bench_of(plan=KEPT)
    monkeypatch.setenv("BENCH_PASSWORD", "wrong horse")
    assert bench.run().code == output.FAILED
    assert bench.told()["step"] == "network"
    assert "password" in bench.told()["todo"]
    assert bench.module.flash.saved == {}


def test_a_password_that_has_changed_is_saved_anew(bench_of, monkeypatch):
    bench = bench_of(plan=KEPT)
    bench.run()
    monkeypatch.setenv("BENCH_PASSWORD", "another horse")
    bench.module.world.access_points[0].password = b"another horse"
    bench.run()
    assert bench.told()["changed"] == ["network bench"]
    assert bench.module.flash.saved["wifi_wpa_psk_text"] == "another horse"


# certificates --------------------------------------------------------------------------------
TWO = PLAN.replace("[[file]]", '[[host]]\nname = "other-ca.example"\n[[file]]')


def test_two_roots_are_files_on_its_flash(bench_of):
    bench = bench_of(plan=TWO)
    assert bench.run().code == output.DONE
    places = [c["where"] for c in bench.told()["certificates"]]
    assert [p.split(" 1:/")[0] for p in places] == ["file", "file"]
    flash = bench.module.flash
    assert sorted(bytes(d) for (v, n), d in flash.files.items() if n.endswith(".ca")) == sorted(
        [der(servers().ca), der(servers().other_ca)]
    )
    assert flash.slot == {}
    bench.run()
    assert (bench.told()["result"], bench.told()["flash_writes"]) == ("unchanged", 0)


def test_from_one_root_to_two(bench_of):
    bench = bench_of()
    bench.run()
    bench.plan(TWO)
    assert bench.run().code == output.DONE
    assert len(bench.told()["verified"]) == 2
    assert bench.module.flash.slot == {}


@pytest.mark.parametrize(
    ("quirks", "where"),
    [
        ("slot_lookup = false", "file 1:/"),
        ('slot_lookup = false, ca_file_encoding = "pem"', "file in PEM 1:/"),
    ],
)
def test_where_the_slot_does_not_do_the_root_is_a_file(bench_of, quirks, where):
    bench = bench_of(f"[[module]]\nquirks = {{ {quirks} }}\n")
    assert bench.run().code == output.DONE
    assert bench.told()["certificates"][0]["where"].startswith(where)
    bench.run()
    assert (bench.told()["result"], bench.told()["flash_writes"]) == ("unchanged", 0)


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("expired.example", "expired"),
        ("self.example", "it shows a certificate of its own"),
        ("mixed.example", "mixes RSA and ECDSA"),
        ("modern.example", "TLS 1"),
        ("nowhere.example", "DNS"),
    ],
)
def test_a_server_that_cannot_be_verified_is_told_with_its_reason(bench_of, host, said):
    bench = bench_of(plan=PLAN.replace("www.example.com", host))
    assert bench.run().code == output.FAILED
    told = bench.told()
    assert (told["result"], told["step"], told["verified"]) == ("failed", "certificates", [])
    assert said in told["error"] + told["todo"]
    assert told["certificates"] == []
    assert bench.module.flash.slot == {}


def test_a_name_that_the_certificate_does_not_have_is_told(bench_of):
    plan = PLAN.replace("[[file]]", 'server_hostname = "else.example"\n[[file]]')
    bench = bench_of(plan=plan)
    assert bench.run().code == output.FAILED
    assert "not for else.example" in bench.told()["error"]


INSTALL = '[roots]\ncertifi = false\ninstall = ["ca.pem"]\n'


@pytest.mark.parametrize("content", ["count", "ski", "keywords"])
def test_a_ca_without_a_host_is_installed_once(bench_of, content):
    bench = bench_of(f'[[module]]\nquirks = {{ content_text = "{content}" }}\n', INSTALL)
    bench.run()
    assert bench.module.flash.slot["ca"] == der(servers().ca)
    assert bench.told()["verified"] == []
    bench.run()
    assert (bench.told()["result"], bench.told()["flash_writes"]) == ("unchanged", 0)
    assert bench.told()["certificates"][0]["placed"]


def test_a_ca_to_install_and_one_that_a_host_needs(bench_of):
    plan = PLAN.replace("[[host]]", 'install = ["other-ca.pem"]\n[[host]]')
    bench = bench_of(plan=plan)
    assert bench.run().code == output.DONE
    assert [c["for"] for c in bench.told()["certificates"]] == [[], ["www.example.com:443"]]
    bench.run()
    assert (bench.told()["result"], bench.told()["flash_writes"]) == ("unchanged", 0)


def test_a_ca_that_is_certainly_gone_is_installed_again(bench_of):
    bench = bench_of("[[module]]\nquirks = { content_text = 'ski' }\n", INSTALL)
    bench.run()
    (bench.folder / "plan-state.json").unlink()
    bench.module.flash.slot.clear()
    bench.run("--force")
    assert bench.told()["result"] == "done"


def test_a_root_that_was_placed_and_not_proven_is_told_as_placed(bench_of):
    bench = bench_of("[[module]]\nquirks = { slot_lookup = false, file_lookup = false }\n")
    assert bench.run().code == output.FAILED
    told = bench.told()
    assert told["verified"] == []
    assert told["flash_writes"] > 3
    assert told["certificates"][0]["where"].startswith("file in PEM")


# what goes wrong with one module -------------------------------------------------------------
FAULTS = [
    ("powered = false", "no answer", "reach", "no SPWF04 answers"),
    ('firmware = "1.0.0"', "failed", "firmware", "its firmware is 1.0.0, the plan wants 1.1.0"),
    ('faults = ["reset_blocked"]', "failed", "restart", "did not start"),
    ('faults = ["hang,command=GCFG"]', "no answer", "reach", "no SPWF04 answers"),
    ('faults = ["hang,command=WCFG"]', "failed", "settings", "WCFG: no answer"),
    ('faults = ["refuse,command=WCFG,number=101"]', "failed", "settings", "AT-S.ERROR:101"),
    ('faults = ["disk_full"]', "failed", "files", "AT-S.ERROR:50"),
    ('faults = ["file_not_opened"]', "failed", "files", "AT-S.ERROR:51"),
    ('faults = ["refuse,command=SSIDTXT,number=7"]', "failed", "network", "AT-S.ERROR:7"),
    ('faults = ["dns_refused"]', "failed", "certificates", "AT-S.ERROR:65"),
    ('faults = ["sockets_full"]', "failed", "certificates", "AT-S.ERROR:75"),
    ('faults = ["refuse,command=TLSCERT,number=101"]', "failed", "certificates", "ERROR:101"),
]


@pytest.mark.parametrize(("fault", "result", "step", "error"), FAULTS, ids=[f[0] for f in FAULTS])
def test_a_module_that_fails_is_told_truthfully_and_stops_no_other(
    bench_of, fault, result, step, error
):
    bench = bench_of(f"[[module]]\n{fault}\n[[module]]\n")
    assert bench.run("--jobs", "1").code == output.FAILED
    told = bench.told("port-1")
    assert (told["result"], told["step"]) == (result, step)
    assert error in told["error"]
    assert told["todo"]
    assert told["verified"] == []
    assert bench.told("port-2")["result"] == "done"


@pytest.mark.generated(2)
@pytest.mark.parametrize("way", ["<", ">"])
@pytest.mark.parametrize("name", ["drop", "double", "indication_anywhere", "restart", "factory"])
def test_whatever_happens_on_the_line_done_means_done(bench_of, name, way):
    at = range(100, 3000, 290) if way == "<" else range(50, 1300, 125)
    faults = "".join(f'[[module]]\nfaults = ["{name},way={way},at={n}"]\n' for n in at)
    bench = bench_of(faults)
    bench.run()
    told = bench.report()["modules"]
    assert {m["result"] for m in told} <= {"done", "failed", "no answer"}
    assert_as_told(bench, [m for m in told if m["result"] == "done"])
    bench.run()  # nothing happens now
    told = bench.report()["modules"]
    assert {m["result"] for m in told} <= {"done", "unchanged"}
    assert_as_told(bench, told)


def assert_as_told(bench, modules):
    for told in modules:
        flash = bench.modules[told["port"]].flash
        description = f"door-{told['serial']}"
        assert flash.saved == {"user_desc": description, **OFF}
        assert flash.files[1, "page.html"] == b"<p>A page"
        (ca,) = told["certificates"]
        if ca["where"] == "flash slot":
            assert flash.slot["ca"] == der(servers().ca)
        else:  # the upload to the slot was damaged, so the CA is a file
            assert flash.slot == {}
            there = flash.files[1, servers_ski() + ".ca"]
            ca_der = der(servers().ca)
            assert there == (to_pem(ca_der) if "PEM" in ca["where"] else ca_der)


def test_one_that_failed_for_once_is_finished_by_the_next_run(bench_of):
    bench = bench_of('[[module]]\nfaults = ["late,command=WCFG,ms=20000"]\n')
    assert bench.run().code == output.FAILED
    assert bench.told()["changed"] == []
    assert bench.run().code == output.DONE
    assert bench.told()["result"] == "done"


def test_settings_that_were_set_and_not_saved_are_not_told_as_changed(bench_of):
    bench = bench_of('[[module]]\nfaults = ["refuse,command=WCFG,number=101"]\n')
    bench.run()
    assert bench.told()["changed"] == []
    assert bench.module.flash.saved == {}
    assert bench.module.variables["user_desc"] == "anonymous"


def test_a_module_that_does_not_keep_its_settings_is_told(bench):
    class Forgetful(Flash):
        def __setattr__(self, name, value):
            super().__setattr__(name, {} if name == "saved" else value)

    bench.module.flash = Forgetful()
    assert bench.run().code == output.FAILED
    assert (
        bench.told()["error"]
        == "it did not keep user_desc, ip_use_httpd, ip_use_tftpd over a restart"
    )


def test_a_variable_that_this_firmware_does_not_have_is_told(bench):
    bench.plan("[other_settings]\nnew_thing = 1\n")
    assert bench.run().code == output.FAILED
    assert "AT-S.ERROR:4" in bench.told()["error"]
    assert bench.module.flash.saved == {}


def test_the_modules_own_servers_are_switched_off_unless_the_plan_says_otherwise(bench):
    for plan, saved in (
        ("", OFF),
        ("[settings]\nip_use_tftpd = 1\n", {"ip_use_httpd": "0"}),
        ('[settings]\nip_use_httpd = 1\nuser_desc = "a Key"\n', {"user_desc": "a Key"}),
        ('[module]\nservers = "unchanged"\n', {}),
    ):
        bench.module.flash.saved.clear()
        bench.module.restart()
        bench.plan(plan)
        assert bench.run().code == output.DONE
        wanted = {"ip_use_tftpd": "0", **saved} if "Key" in plan else saved
        assert bench.module.flash.saved == wanted, plan


def test_firmware_that_has_no_such_server_is_no_failure(bench, monkeypatch):
    get = SPWF04.get

    def without(self, name, *more):
        if name == "ip_use_tftpd":
            raise ModuleError(5, "no such variable", 4)
        return get(self, name, *more)

    monkeypatch.setattr(SPWF04, "get", without)
    bench.plan("")
    assert bench.run().code == output.DONE
    assert bench.module.flash.saved == {"ip_use_httpd": "0"}


def test_two_ports_with_one_module_are_noticed(bench_of):
    bench = bench_of('[[module]]\n[[module]]\nserial = "17111984"\nmac = "00:80:E1:BD:00:39"\n')
    assert bench.run("--jobs", "1").code == output.FAILED
    assert "the module at port-1 has the same serial number" in bench.told("port-2")["error"]
    assert bench.told("port-2")["left"] == "not touched"


def test_if_none_answers_no_module_was_reached(bench_of):
    assert bench_of("[[module]]\npowered = false\n").run().code == output.NO_MODULE


def test_a_port_that_is_not_there_is_told_and_stops_no_other(bench):
    done = bench.run("--port", "/dev/ttyNONE")
    assert done.code == output.FAILED
    told = bench.told("/dev/ttyNONE")
    assert told["result"] == "no answer"
    assert "no such port" in told["error"]
    assert bench.told("port-1")["result"] == "done"


def test_a_mistake_of_the_program_stays_with_its_module(bench_of, monkeypatch):
    from spwf04_cli.provisioning import prepare

    def broken(radio):
        raise RuntimeError("what nobody thought of")

    monkeypatch.setattr(prepare, "info", broken)
    bench = bench_of("[[module]]\n[[module]]\n")
    assert bench.run().code == output.FAILED
    assert "what nobody thought of" in bench.told("port-2")["error"]


# going on ------------------------------------------------------------------------------------
def test_a_module_is_recognised_at_another_port(bench_of):
    bench = bench_of("[[module]]\n[[module]]\n")
    bench.run()
    bench.modules = dict(zip(bench.modules, reversed(bench.modules.values())))
    bench.run("--resume")
    told = bench.told("port-1")
    assert (told["serial"], told["result"]) == ("17111985", "done before")
    assert (told["flash_writes"], told["left"]) == (0, "not touched")
    assert told["certificates"][0]["ski"] == servers_ski()


def test_resume_does_again_what_another_plan_has_finished(bench):
    bench.run()
    bench.plan(PLAN.replace("door-", "gate-"))
    bench.run("--resume")
    assert bench.told()["changed"] == ["user_desc = gate-17111984"]


def test_the_report_has_the_modules_of_earlier_runs(bench_of):
    bench = bench_of("[[module]]\n[[module]]\n")
    for module in bench.modules.values():
        bench.modules = {"port-1": module}
        bench.run()
    rows = bench.rows()
    assert [(r["serial"], r["run"]) for r in rows] == [
        ("17111985", "this"),
        ("17111984", "earlier"),
    ]
    assert rows[1]["verified"] == "www.example.com:443"


@pytest.mark.parametrize("text", ["{", "[" * 100000], ids=["cut", "deep"])
def test_a_state_that_cannot_be_read_is_refused_before_a_module_is_touched(bench, text):
    (bench.folder / "plan-state.json").write_text(text)
    done = bench.run()
    assert done.code == output.USAGE
    assert says(done.err, "not the state of a bench")
    assert bench.module.log == []


def test_a_state_that_cannot_be_replaced_stays_whole(tmp_path, monkeypatch):
    def fails(*args):
        raise OSError(28, "No space left on device")

    state = record.State(tmp_path / "state.json")
    state.note(record.Record("p", "1", "2"))
    state.save()
    monkeypatch.setattr(record.local.os, "replace", fails)
    state.note(record.Record("p", "3", "4"))
    with pytest.raises(record.output.Failure, match="No space"):
        state._unwritten = True
        state.save()
    assert [p.name for p in tmp_path.iterdir()] == ["state.json"]
    assert list(record.State(tmp_path / "state.json").modules) == ["1/2"]


# Ctrl-C --------------------------------------------------------------------------------------
@pytest.fixture
def press(monkeypatch):
    """press(): press Ctrl-C, from any thread; it returns when the command has noticed."""
    noted = threading.Semaphore(0)
    on_stop = provision.Display.on_stop

    def noting(self, given_up):
        on_stop(self, given_up)
        noted.release()

    def press():
        signal.raise_signal(signal.SIGINT)
        assert noted.acquire(timeout=HANG)

    monkeypatch.setattr(provision.Display, "on_stop", noting)
    return press


@pytest.fixture
def pressed_at(monkeypatch, press):
    """pressed_at(step): press Ctrl-C when the first module comes to this step."""

    def at(step, times=1):
        on_step = provision.Display.on_step
        left = [times]

        def pressing(self, done):
            on_step(self, done)
            while done.step == step and left[0]:
                left[0] -= 1
                press()

        monkeypatch.setattr(provision.Display, "on_step", pressing)

    return at


@pytest.mark.parametrize(
    "step", ["firmware", "settings", "files", "network", "clock", "certificates"]
)
def test_ctrl_c_leaves_the_module_restarted_and_the_report_written(bench_of, pressed_at, step):
    bench = bench_of("[[module]]\n[[module]]\n")
    pressed_at(step)
    done = bench.run("--jobs", "1")
    assert done.code == output.INTERRUPTED
    told = bench.told("port-1")
    assert told["result"] == "interrupted"
    assert told["left"] == (
        "not touched" if step == "firmware" else "restarted, with what its flash holds"
    )
    assert bench.told("port-2")["result"] == "not begun"
    assert bench.told("port-2")["left"] == "not touched"
    assert bench.report()["interrupted"] is True
    if step != "firmware":
        assert bench.module.log[-1] == "AT+S.RESET"


def test_what_ctrl_c_left_is_finished_by_the_next_run(bench_of, pressed_at, monkeypatch):
    bench = bench_of("[[module]]\ncount = 3\n")
    with monkeypatch.context():
        pressed_at("certificates")
        bench.run("--jobs", "1")
    first = bench.told("port-1")["flash_writes"]
    monkeypatch.undo()
    monkeypatch.setenv("BENCH_PASSWORD", PASSWORD)
    assert bench.run("--resume").code == output.DONE
    assert bench.report()["results"] == {"done": 3}
    assert [c.split(",")[0][:2] for c in bench.told("port-1")["changed"]] == ["CA"]
    assert first + bench.told("port-1")["flash_writes"] == bench.told("port-2")["flash_writes"]


def test_ctrl_c_does_not_wait_for_a_network_that_does_not_come(bench, monkeypatch, press):
    bench.module.world.remove_access_point("bench")
    bench.module.timing.scan = 1e9
    ticks = VirtualClock.idle

    def idle(self):
        if bench.module.log and bench.module.log[-1] == "AT+S.WIFI=1" and not seen:
            seen.append(self.now())
            press()
        ticks(self)

    seen = []
    monkeypatch.setattr(VirtualClock, "idle", idle)
    assert bench.run().code == output.INTERRUPTED
    assert bench.told()["step"] == "network"
    assert bench.told()["result"] == "interrupted"
    assert bench.told()["left"] == "restarted, with what its flash holds"


def test_where_ctrl_c_is_ignored_from_the_start_it_stays_so(bench, monkeypatch):
    on_step = provision.Display.on_step

    def pressing(self, done):
        signal.raise_signal(signal.SIGINT)
        on_step(self, done)

    monkeypatch.setattr(provision.Display, "on_step", pressing)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert bench.run().code == output.DONE
    finally:
        signal.signal(signal.SIGINT, before)


def test_ctrl_c_twice_says_that_the_state_of_the_module_is_not_known(bench, pressed_at):
    pressed_at("files", times=2)
    assert bench.run().code == output.INTERRUPTED
    assert bench.told()["left"] == "not known: switch it off and on"


# secrets -------------------------------------------------------------------------------------
def test_the_password_is_in_no_file_and_on_no_screen(bench_of, monkeypatch):
    bench = bench_of(
        "[[module]]\n[[module]]\nfaults = ['refuse,command=SSIDTXT,number=7']\n", KEPT
    )
    for arguments in ((), ("--json",), ("--resume",)):
        done = bench.run(*arguments)
        assert PASSWORD not in done.out + done.err
    for path in bench.folder.iterdir():
        assert PASSWORD not in path.read_text() or path.name == "world.toml"
    monkeypatch.setenv("BENCH_PASSWORD", "short")
    done = bench.run()
    assert (done.code, "short" in done.err) == (output.USAGE, False)


@pytest.mark.filterwarnings("ignore::getpass.GetPassWarning")
def test_the_password_may_be_asked_for(bench):
    bench.plan('[network]\nssid = "bench"\npassword_prompt = true\n')
    done = bench.run(stdin=PASSWORD + "\n")
    assert done.code == output.DONE
    assert "Password of bench" in done.err
    assert PASSWORD not in done.out + done.err


def test_a_variable_that_is_not_in_the_environment_is_told_before_a_module_is_touched(
    bench, monkeypatch
):
    monkeypatch.delenv("BENCH_PASSWORD")
    done = bench.run()
    assert done.code == output.USAGE
    assert says(done.err, "network, password_env: there is no environment variable")
    assert bench.module.log == []


# report and screen ---------------------------------------------------------------------------
def test_json_is_one_document_and_the_report(bench):
    done = bench.run("--json")
    assert json.loads(done.out) == bench.report()
    assert bench.report()["results"] == {"done": 1}


def test_the_csv_has_a_line_for_each_module(bench_of):
    bench = bench_of('[[module]]\n[[module]]\nfirmware = "1.0.0"\n')
    bench.run()
    done, failed = bench.rows()
    assert (done["serial"], done["result"], done["address"]) == (
        "17111984",
        "done",
        "192.168.1.23",
    )
    assert done["rssi"] == "-47"
    assert done["verified"] == "www.example.com:443"
    assert (failed["result"], failed["step"], failed["certificates"]) == ("failed", "firmware", "")


def test_what_a_module_calls_itself_is_no_formula_and_no_escape_sequence(bench):
    bench.module.factory["nv_serial"] = "=1+1\x1b[2J"
    bench.module.variables["nv_serial"] = "=1+1\x1b[2J"
    done = bench.run()
    assert bench.rows()[0]["serial"].startswith("'=1+1")
    assert "\x1b" not in done.out + done.err + bench.rows()[0]["serial"]


def test_check_touches_no_module(bench):
    done = bench.run("--check")
    assert done.code == output.DONE
    assert says(done.out, "is in order. 1 port.")
    assert bench.module.log == []
    assert not (bench.folder / "plan-report.json").exists()


def test_a_mistake_in_the_plan_is_told_before_a_module_is_touched(bench):
    bench.plan("[settings]\nuser_desk = 1\n[network]\nssid = 7\n")
    done = bench.run()
    assert done.code == output.USAGE
    assert says(done.err, "no module was touched")
    assert says(done.err, "plan.toml:2: settings, user_desk: no variable of that name is known")
    assert says(done.err, "plan.toml:4: network, ssid: 7: must be text")
    assert bench.module.log == []


def test_ports_that_are_not_there_or_not_named_are_told(tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text("")
    assert spwf04("provision", str(plan)).code == output.USAGE
    plan.write_text('[bench]\nports = ["/dev/ttyNONE*"]\n')
    done = spwf04("provision", str(plan))
    assert done.code == output.NO_MODULE
    assert "no port is called /dev/ttyNONE*" in done.err


def test_simulated_modules_are_ports_of_a_plan(tmp_path):
    plan, world = tmp_path / "plan.toml", tmp_path / "world.toml"
    world.write_text(WORLD + '[[module]]\nname = "a"\n[[module]]\nname = "b"\n')
    plan.write_text(f'[bench]\nports = ["sim*2", "sim:{world}"]\n[settings]\nblink_led = 0\n')
    done = spwf04("provision", str(plan), "--json", "--jobs", "1")
    told = json.loads(done.out)["modules"]
    assert [m["port"] for m in told] == [
        "sim:module-1",
        "sim:module-2",
        f"sim:{world}#a",
        f"sim:{world}#b",
    ]
    assert [m["result"] for m in told] == ["done", "done", "failed", "failed"]  # the same serials
    done = spwf04("provision", str(plan), "--port", f"sim:{world}#b", "--json")
    assert json.loads(done.out)["results"] == {"done": 1}


def test_the_lines_are_in_the_order_of_the_ports(bench_of):
    bench = bench_of("[[module]]\ncount = 6\n")
    done = bench.run("--jobs", "6")
    assert [line.split()[2] for line in done.out.splitlines() if " at port-" in line] == [
        f"port-{n}:" for n in range(1, 7)
    ]


def test_modules_at_real_ports_in_real_time(tmp_path):
    bench = Bench(tmp_path, "[timing]\nfast = true\n[[module]]\ncount = 2\n")
    with contextlib.ExitStack() as stack:
        real = [stack.enter_context(PtyPort(m.build())) for m in bench.described]
        named = [word for port in real for word in ("--port", port.path)]
        for result in ("done", "unchanged"):
            done = spwf04("provision", str(tmp_path / "plan.toml"), *named)
            assert done.code == output.DONE, done.out
            assert bench.report()["results"] == {result: 2}
    for n, port in enumerate(real):
        assert port.module.flash.saved["user_desc"] == f"door-{17111984 + n}"


def test_a_run_that_was_killed_goes_on_where_it_was(tmp_path):
    bench = Bench(tmp_path, "[timing]\nfast = true\n[[module]]\ncount = 3\n")
    with contextlib.ExitStack() as stack:
        real = [stack.enter_context(PtyPort(m.build())) for m in bench.described]
        named = [word for port in real for word in ("--port", port.path)]
        command = ["provision", str(tmp_path / "plan.toml"), *named, "--jobs", "1", "--resume"]
        with subprocess.Popen([tool("spwf04"), *command], stdout=subprocess.PIPE) as process:
            assert b"17111984" in process.stdout.readline()
            process.kill()
        done = spwf04(*command)
        assert done.code == output.DONE, done.out
    told = [m["result"] for m in bench.report()["modules"]]
    assert told[0] == "done before"
    assert set(told[1:]) <= {"done", "unchanged"}
    for port in real:
        assert set(port.module.flash.files) == {(1, "page.html"), (1, "spwf04.trust")}
        assert port.module.flash.files[1, "page.html"] == b"<p>A page"


def test_on_a_terminal_there_are_bars_and_they_vanish(bench, monkeypatch):
    screen = io.StringIO()
    terminal = {"TERM": "xterm"}
    console = Console(file=screen, force_terminal=True, width=100, _environ=terminal)
    monkeypatch.setattr(provision.output, "stage", lambda: console)
    assert bench.run().code == output.DONE
    assert "modules" in screen.getvalue()
    assert "17111984" in screen.getvalue()


def test_quirks_do_not_matter_for_what_is_written(bench_of):
    quirks = 'ok_suffix = ":heap", error_text = "number", hash_format = "Digest:a:b"'
    bench = bench_of(f"[[module]]\nquirks = {{ {quirks} }}\n")
    assert bench.run().code == output.DONE
    assert bench.run().code == output.DONE
    assert bench.told()["flash_writes"] == 0
    assert Quirks() != bench.module.quirks
