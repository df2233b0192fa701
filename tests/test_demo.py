"""`make demo`, which README tells a newcomer to run first."""

import os
import subprocess
import sys

from tests import HANG
from tests.shims.micropython import ROOT


def test_the_demo_ends_well():
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "demo.py")],
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The page was verified and complete." in done.stdout
