"""docs/faq.md: its examples run, and each question of the thread has the test of its answer."""

import re
import shutil
import subprocess

from tests import test_thread
from tests.shims import pages
from tests.shims.micropython import ROOT

PAGE = (ROOT / "docs" / "faq.md").read_text()


def test_its_examples_run_and_print_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    desk = pages.Desk().joined()
    shutil.copy(desk.controller.bundle(), "roots.bin")
    shutil.copy(desk.controller.ca_file(), "ca.pem")
    names = {"radio": desk.radio}
    promised, printed = pages.run("faq", names)
    said = printed[:1] + printed[-1:]  # between them is what the server shows
    assert [pages.fits(*each) for each in zip(promised, said)] == [True, True]
    (command,) = re.findall(r"^openssl x509 .*", PAGE, re.M)
    done = subprocess.run(command.split(), check=True, capture_output=True, text=True)
    assert names["entry"].ski.upper() in done.stdout.replace(":", "")


def test_every_test_of_the_thread_is_at_its_question_and_no_other():
    named = re.findall(r"<!-- (test_\w+) -->", PAGE)
    assert sorted(named) == sorted(set(named))
    assert set(named) == {name for name in vars(test_thread) if name.startswith("test_")}
