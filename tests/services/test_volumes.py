"""Volumes: an image of files from nginx. docs/volumes.md."""

from spwf04_cli import images
from tests.libraries import site

from .stage import example, stage
from .table import INTERPRETERS, cell

__all__ = ["stage"]


def test_the_example_of_the_page(stage, tmp_path):
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
