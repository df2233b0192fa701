"""Volumes: an image of files from nginx. docs/volumes.md."""

import pytest

from spwf04_cli import images
from tests import ALL
from tests.libraries import site

from .stage import Stage, example
from .table import INTERPRETERS, KEPT, cell


# The driver listens for a while after a fetch, and its time is ten times slower
@pytest.mark.parametrize("interpreter", INTERPRETERS if ALL or KEPT else INTERPRETERS[2:3])
def test_the_example_of_the_page(interpreter, tmp_path):
    stage = Stage(interpreter)
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text("<p>the door")
    (folder / "door.fhtml").write_text("<!--|06|Input|0-->")
    stage.controller.insert_card()
    with site.web(tmp_path) as (plain, _):
        files, _ = images.folder(folder)
        (tmp_path / "www" / "files.img").write_bytes(images.of_files(files, 65536, 1796092071))
        stage.route("files.example", 80, plain)
        printed = stage.run(example("volumes"))
    assert printed == [
        "0 X False 0 None",
        "1 I True 0 None",
        "2 D True 0 16384",
        "3 A None 0 None",
        "['door.fhtml', 'index.html']",
    ]
    cell("volumes", "plain", stage.interpreter)


def test_tls_is_not_applicable():
    for interpreter in INTERPRETERS:
        cell("volumes", "TLS", interpreter, "*n/a*: images come by plain HTTP")
