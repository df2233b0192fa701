"""A bench of 1,000 simulated modules (150 in `make test`), some with a fault.

The report tells the truth about each. All run in one process, on virtual clocks. Every connection
that proves a certificate is real TLS with a server on loopback."""

import collections

import pytest

from spwf04_cli import output
from tests import ALL, HANG
from tests.cli.benches import PASSWORD, Bench, der
from tests.shims.servers import servers

# This takes half a minute on two cores that do nothing else: the first run makes two handshakes
# for each module, the second makes one. On a busy computer it takes much longer.
pytestmark = pytest.mark.timeout(6 * HANG)

# Modules without a fault: with them `make test-all` has its thousand
GOOD = 900 if ALL else 50

# name, how many, what they have; what the report must say: result, step, a piece of the error
GROUPS = [
    ("good", GOOD, "", "done", None, ""),
    ("old", 30, 'firmware = "1.0.0"', "failed", "firmware", "the plan wants 1.1.0"),
    ("dead", 20, "powered = false", "no answer", "reach", "no SPWF04 answers"),
    ("blocked", 8, 'faults = ["reset_blocked"]', "failed", "restart", "did not start"),
    ("full", 8, 'faults = ["disk_full"]', "failed", "files", "ERROR:50"),
    ("deaf", 8, 'faults = ["dns_refused"]', "failed", "certificates", "ERROR:65"),
    ("weak", 8, 'faults = ["refuse,command=WCFG,number=101"]', "failed", "settings", "ERROR:101"),
    ("worn", 8, 'faults = ["refuse,command=TLSCERT,number=101"]', "failed", "certificates", "101"),
    ("hung", 5, 'faults = ["hang,command=SOCKON"]', "failed", "certificates", "timed out"),
    # what the driver recovers from by itself is no failure
    ("late", 5, 'faults = ["late,command=GCFG,ms=900"]', "done", None, ""),
]


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """The bench after two runs; .first and .second: what they printed."""
    modules = "".join(
        f'[[module]]\nname = "{name}"\ncount = {count}\n{has}\n' for name, count, has, *_ in GROUPS
    )
    made = Bench(tmp_path_factory.mktemp("bench"), modules)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCH_PASSWORD", PASSWORD)
        made.first = made.run("--jobs", "4")
        made.first_report = made.report()
        made.second = made.run("--jobs", "4")
        made.second_report = made.report()
    return made


def by_group(bench, report):
    """[(group, its modules in the report)]"""
    found = iter(report["modules"])
    return [(group, [next(found) for _ in range(group[1])]) for group in GROUPS]


def test_each_of_a_thousand_is_told_as_it_is(bench):
    assert bench.first.code == output.FAILED
    assert len(bench.first_report["modules"]) == sum(count for _, count, *_ in GROUPS)
    for (name, _, _, result, step, error), modules in by_group(bench, bench.first_report):
        for told in modules:
            assert (told["result"], told["step"]) == (result, step), (name, told)
            assert error in (told["error"] or ""), (name, told)


def test_what_is_told_of_them_is_on_them(bench):
    ca = der(servers().ca)
    told = {m["port"]: m for m in bench.first_report["modules"]}
    for (port, module), described in zip(bench.modules.items(), bench.described):
        done = told[port]["result"] == "done"
        assert (module.flash.slot.get("ca") == ca) == done
        assert [v["host"] for v in told[port]["verified"]] == ["www.example.com"] * done
        if done:
            serial = described.variables["nv_serial"]
            assert told[port]["serial"] == serial
            assert module.flash.saved["user_desc"] == "door-" + serial
        if told[port]["step"] in ("firmware", "reach"):
            assert module.flash.saved == {}
            assert told[port]["flash_writes"] == 0
        if told[port]["serial"]:
            assert told[port]["left"] in (
                "restarted, with what its flash holds",
                "not touched"
                if told[port]["step"] == "firmware"
                else "not known: switch it off and on",
            )


def test_the_counts_are_exact(bench):
    report = bench.first_report
    results = collections.Counter(m["result"] for m in report["modules"])
    assert report["results"] == dict(results) == {"done": GOOD + 5, "failed": 75, "no answer": 20}
    good = [m for m in report["modules"] if m["result"] == "done"]
    assert {m["flash_writes"] for m in good} == {good[0]["flash_writes"]}
    assert f"{report['flash_writes']:d} of them to flash" in bench.first.out


def test_the_second_run_changes_nothing_on_those_that_were_done(bench):
    before = {m["serial"] for m in bench.first_report["modules"] if m["result"] == "done"}
    now = [m for m in bench.second_report["modules"] if m["serial"] in before]
    assert {m["result"] for m in now} == {"unchanged"}
    assert sum(m["flash_writes"] for m in now) == 0
    assert all(m["verified"] for m in now)  # by a connection of this run
