"""Quirks.from_probe(), and what plays such a module."""

import json

import pytest

from spwf04_cli import output
from spwf04_sim import Quirks, random_quirks
from spwf04_sim.__main__ import described, parser
from spwf04_sim.worldfile import FileError, load
from tests.cli import spwf04
from tests.cli.benches import says


def report(**more):
    points = {"winds": {"reading": "held"}, "nul_bytes": {"reading": True}}
    return {"kind": "spwf04 probe", "format": 1, "points": points, **more}


@pytest.fixture
def written(tmp_path):
    """written(document or text): the path of a file with it."""

    def write(document, name="probe.json"):
        text = document if isinstance(document, str) else json.dumps(document)
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


def test_the_readings_of_a_report(written):
    assert Quirks.from_probe(written(report())) == Quirks(winds="held", nul_bytes=True)


def test_every_reading_can_be_in_a_report(written):
    for seed in range(4):
        quirks = random_quirks(seed)
        points = {name: {"reading": getattr(quirks, name)} for name in Quirks.choices()}
        assert Quirks.from_probe(written(report(points=points))) == quirks


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("", "no report of spwf04 probe"),
        ("[]", 'no "kind"'),
        ("[" * 100000, "no report of spwf04 probe"),
        ({"kind": "another"}, 'no "kind"'),
        (report(format=2), "its format is 2"),
        (report(points=[]), '"points" must be an object'),
        (report(points={"wind": {"reading": "held"}}), "no open point wind; do you mean winds?"),
        (report(points={"zzz": {"reading": 1}}), "another version may know it"),
        (report(points={"winds": "held"}), 'winds: must be an object with "reading"'),
        (
            report(points={"winds": {"reading": "never"}}),
            '"never" is none of its readings: "free"',
        ),
        (report(points={"nul_bytes": {"reading": 1}}), "1 is none of its readings: false, true"),
        (report(points={"boot_clock": {"reading": False}}), "false is none of its readings"),
    ],
)
def test_what_is_no_report_is_told(written, document, said):
    path = written(document)
    with pytest.raises(ValueError, match=r"probe\.json") as caught:
        Quirks.from_probe(path)
    assert said in str(caught.value)


def test_a_world_file_names_a_report(written):
    written(report())
    module = load(written('like = "probe.json"\n[quirks]\nwinds = "free"\n', "w.toml")).modules[0]
    assert module.quirks == Quirks(nul_bytes=True)
    module = load(written('[[module]]\nlike = "probe.json"\n', "w.toml")).modules[0]
    assert module.quirks == Quirks(winds="held", nul_bytes=True)


@pytest.mark.parametrize("value", ['"none.json"', "5", '"w.toml"'])
def test_a_world_file_names_no_report(written, value):
    with pytest.raises(FileError, match=r"w\.toml:1: like"):
        load(written(f"like = {value}\n", "w.toml"))


def test_the_program_plays_a_report(written):
    given = parser().parse_args(["--like", str(written(report())), "--quirk", "winds=everywhere"])
    assert described(given).modules[0].quirks == Quirks(winds="everywhere", nul_bytes=True)


def test_the_command_plays_a_report(written, monkeypatch, tmp_path):
    from spwf04_cli.simulated import bench

    seen = []
    monkeypatch.setenv("SPWF04_BENCH", str(tmp_path / "noted"))
    monkeypatch.setattr(bench, "serve", lambda made, *_: seen.extend(made.modules))
    done = spwf04("sim", "--like", str(written(report())))
    assert done.code == output.DONE, done.err
    assert [m.quirks for m in seen] == [Quirks(winds="held", nul_bytes=True)]


def test_the_command_says_what_is_wrong_with_a_report(written):
    done = spwf04("sim", "--like", str(written("{}")))
    assert done.code == output.USAGE
    assert says(done.err, "no report of spwf04 probe")
    assert spwf04("sim", "--like", "none.json").code == output.USAGE
