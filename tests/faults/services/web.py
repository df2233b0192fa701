"""The module's own pages: one is put there, and one is answered."""

from spwf04.services.template import mark
from spwf04.services.web import WebPages


def _joined(stage):
    stage.radio.connect("home", "correct horse", timeout=20)
    stage.pages = WebPages(stage.radio)


def _upload(stage):
    stage.pages.upload("page.fhtml", "<p>" * 100 + mark("input", 0))


def _asked(stage):
    """A page waits for its tokens, and a visitor has sent something."""
    _joined(stage)
    stage.heard = []
    stage.pages.inputs(["some", "tokens"])
    stage.pages.outputs(stage.heard.append)
    stage.radio.get("nv_model")
    stage.module.daemons.input.waits = 1


def _answer(stage):
    stage.module.wind(57, "Output from remote:5:hello")
    stage.module.wind(56, "Input to remote")
    end = stage.clock.now() + 20
    while stage.clock.now() < end and not stage.module.daemons.input.count:
        stage.pages.wait(1)
    stage.pages.wait(0.2)


def _serve(stage):
    stage.pages.lock("a-key-of-my-own")
    stage.pages.serve(True)


EXCHANGES = {
    "web pages, plain: upload": (_joined, _upload, b""),
    "web pages, plain: answer": (_asked, _answer, b""),
    "web pages, plain: key and server": (_joined, _serve, b""),
}
