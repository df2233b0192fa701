"""spwf04 probe on a module behind an MCU."""

import json

from spwf04_cli import output
from tests.cli import spwf04
from tests.shims.mcu import behind_mcu


def test_what_is_found_behind_an_mcu(tmp_path):
    report = tmp_path / "report.json"
    names = ("reset_ok", "speed_applies", "fsp_keyword")
    wanted = [word for name in names for word in ("--only", name)]
    with behind_mcu(tmp_path) as bench:
        given = ["--via-mcu", bench.port, "--board", bench.board_file, "--report", str(report)]
        done = spwf04("probe", *given, "--yes", "--allow", "disk", *wanted)
        assert done.code == output.DONE, done.out + done.err
        found = json.loads(report.read_text())
        readings = {name: point["reading"] for name, point in found["points"].items()}
        assert readings == {"reset_ok": False, "fsp_keyword": "Read Cap"}
        assert found["untried"] == {"speed_applies": "the rate of this port cannot be changed"}
        assert spwf04("info", "--via-mcu", bench.port).code == output.DONE
