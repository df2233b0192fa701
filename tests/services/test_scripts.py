"""docs/scripts.md: its program runs as it is printed, on the simulated module alone."""

from .stage import example, stage  # noqa: F401
from .table import LINKS, cell


def test_a_script(stage):  # noqa: F811
    assert stage.run(example("scripts")) == [r"b'hello from the module\r\n'"]
    cell("scripts", "plain", stage.interpreter, "simulated answer")
    cell("scripts", LINKS[1], stage.interpreter, "*n/a*: no connection")
