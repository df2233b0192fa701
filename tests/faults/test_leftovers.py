"""A call that was broken off leaves none of its files on the module.

Ctrl-C comes at every point at which the call waits, or the steps are given up there, as asyncio
does. Whatever uses the line next has the file removed.
"""

import pytest

from spwf04.at.task import Task
from spwf04.services.http import getting, posting
from spwf04.services.mail import sending_mail
from spwf04.services.tftp import tftp_get
from tests import sample
from tests.faults.exchanges import Stage
from tests.faults.services import http, posts
from tests.shims.posts import TftpServer

SECRET = b"password=hunter2" * 100
URL = "http://web.example/page"

CALLS = {
    "post": (http, lambda radio: posting(radio, URL, SECRET)),
    "post JSON": (http, lambda radio: posting(radio, URL, json={"password": "hunter2"})),
    "get": (http, lambda radio: getting(radio, URL)),
    "get to a file": (http, lambda radio: getting(radio, URL, to="1:/page.html")),
    "mail": (
        posts,
        lambda radio: sending_mail(
            radio,
            "mail.example",
            "a@b.example",
            "c@d.example",
            "x",
            "y",
            user="door",
            password="hun,ter2",
            attachment=("log.txt", SECRET),
        ),
    ),
}
READY = {http: http._ready, posts: posts._mail}


def made(name):
    where, call = CALLS[name]
    stage = Stage()
    READY[where](stage)
    return stage, call(stage.radio)


def files(stage):
    """The files on the module that a call has for itself. page.html.ok is whole: the next
    call that writes page.html goes on with it."""
    return set(stage.module.flash.files) - {(1, "page.html"), (1, "page.html.ok")}


def waits(name):
    """At how many points the call waits."""
    stage, steps = made(name)
    before = files(stage)
    count = 0
    idle = stage.clock.idle

    def counted():
        nonlocal count
        count += 1
        idle()

    stage.clock.idle = counted
    stage.radio.channel.take(steps)
    assert files(stage) == before
    return count


def ctrl_c(stage, steps, at):
    """Ctrl-C at wait number `at`."""
    idle = stage.clock.idle
    left = at

    def counted():
        nonlocal left
        left -= 1
        if not left:
            raise KeyboardInterrupt
        idle()

    stage.clock.idle = counted
    with pytest.raises(KeyboardInterrupt):
        stage.radio.channel.take(steps)
    stage.clock.idle = idle


def given_up(stage, steps, at):
    """The steps are given up at wait number `at`."""
    task = Task(stage.radio.channel, steps)
    for _ in range(at):
        assert not task.poll()
        stage.clock.idle()
    task.close()


@pytest.mark.generated(40)
@pytest.mark.parametrize("way", [ctrl_c, given_up])
@pytest.mark.parametrize("name", CALLS)
def test_nothing_of_it_is_left(name, way):
    for at in sample(range(1, waits(name)), 12, name):
        stage, steps = made(name)
        before = files(stage)
        way(stage, steps, at)
        stage.radio.get("nv_model")
        while stage.radio.pool is not None and stage.radio.pool.jobs:
            stage.radio.channel.step()
        assert files(stage) == before, at


@pytest.mark.parametrize("there", [True, False])
def test_a_file_that_was_being_replaced_can_be_written_again(there):
    """By each call that replaces one: what is called .ok is finished, or goes."""
    stage, steps = made("get to a file")
    flash = stage.module.flash.files
    stage.world.route("tftp.example", 69, lambda: TftpServer({"x": b"from TFTP"}))
    for call, content in (
        (lambda: stage.radio.channel.take(steps), http.PAGE),
        (lambda: tftp_get(stage.radio, "tftp.example", "x", "1:/page.html"), b"from TFTP"),
        (lambda: stage.radio.files.put("1:/page.html", b"put"), b"put"),
    ):
        flash[1, "page.html.ok"] = bytearray(b"whole")
        flash.pop((1, "page.html"), None)
        if there:
            flash[1, "page.html"] = bytearray(b"old")
        call()
        assert flash == {(1, "page.html"): content}


def test_what_an_earlier_program_left_is_removed_by_the_next_body():
    stage, steps = made("post")
    stage.module.flash.files[2, "spwf04.json"] = bytearray(SECRET)
    before = files(stage) - {(2, "spwf04.json")}
    stage.radio.channel.take(steps)
    assert files(stage) == before
