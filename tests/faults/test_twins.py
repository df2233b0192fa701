"""Each call that waits for the module has a way under asyncio that does not hold the loop: a
coroutine of aio.py, or steps for aio.take().

The list of calls that wait is made from the code: methods, properties and functions of the radio
and of the services that call what waits in the channel, or another call that waits. A new one
without such a way fails here. The coroutines are tried by test_arguments.py, the steps here: each
runs to its end with the channel's calls that wait taken away.
"""

import ast
import inspect

import pytest

from spwf04.at.task import Task
from tests.faults import test_arguments
from tests.faults.test_arguments import (
    BLOCKING,
    CALLS,
    FILES,
    LIMIT,
    after,
    desk,
    good,
    no_waiting,
)
from tests.house import driver

# What waits in the services, and its steps; with their arguments, if these are others
TWINS = {
    "services.http.get": "getting",
    "services.http.post": "posting",
    "services.http.Response.content": "loading",
    "services.http.Response.text": "loading",
    "services.http.Response.json": "loading",
    "services.mail.send_mail": "sending_mail",
    "services.mqtt.MQTTClient.connect": "connecting",
    "services.mqtt.MQTTClient.disconnect": "disconnecting",
    "services.mqtt.MQTTClient.publish": "publishing",
    "services.mqtt.MQTTClient.subscribe": "subscribing",
    "services.mqtt.MQTTClient.unsubscribe": "unsubscribing",
    "services.mqtt.MQTTClient.wait_msg": "waiting",
    "services.pins.Pin.init": "initializing",
    "services.pins.Pin.value": "writing",
    "services.pins.Pin.on": ("writing", {"x": 1}),
    "services.pins.Pin.off": ("writing", {"x": 0}),
    "services.pins.Pin.toggle": "toggling",
    "services.pins.Pin.irq": "watching",
    "services.pins.ADC.read_uv": "reading_uv",
    "services.pins.ADC.read_u16": "reading_u16",
    "services.pins.DAC.write": "writing",
    "services.pins.DAC.deinit": ("writing", {"millivolts": 0}),
    "services.pins.PWM.init": "setting",
    "services.pins.PWM.freq": ("setting", {"freq": 1000}),
    "services.pins.PWM.duty_u16": ("setting", {"duty_u16": 32768}),
    "services.pins.PWM.deinit": "ending",
    "services.python.run": "running",
    "services.tftp.tftp_get": "getting",
    "services.tftp.tftp_put": "putting",
    "services.web.WebPages.upload": "uploading",
    "services.web.WebPages.lock": "locking",
    "services.web.WebPages.locked": "looking",
    "services.web.WebPages.serve": "serving",
    "services.web.WebPages.wait": "waiting",
    "services.websocket.connect": "connecting",
    "services.websocket.WebSocket.send": "sending",
    "services.websocket.WebSocket.recv": "receiving",
    "services.websocket.WebSocket.recv_into": "receiving_into",
    "services.websocket.WebSocket.close": "closing",
}
# Properties of the radio: what coroutine tells the same
TOLD_BY = {
    "ipv4_address": "ifconfig",
    "rssi": "status",
    "mac_address": "config",
    "hostname": "config",
    "firmware": "get",
}


_STEPS = (ast.Yield, ast.YieldFrom)


def functions(name):
    """{name: (its class or None, node)} of what a file offers programs."""
    found = {}
    for node in driver()[name].tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            found[node.name] = None, node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
                    found[f"{node.name}.{inner.name}"] = node.name, inner
    return found


def called_on(node):
    """(what a call is made on, its name) of each call and property in a function."""
    for n in ast.walk(node):
        if isinstance(n, ast.Attribute):
            yield ast.unparse(n.value), n.attr


def waiting(name):
    """The names of what waits in a file."""
    known = functions(name)
    found = set()
    while True:
        before = len(found)
        for called, (owner, node) in known.items():
            if called in found or any(isinstance(n, _STEPS) for n in ast.walk(node)):
                continue
            for on, attribute in called_on(node):
                of_channel = on.endswith("channel") or on in ("channel", "checked(radio).channel")
                if (of_channel and attribute in BLOCKING) or (
                    on == "self" and f"{owner}.{attribute}" in found
                ):
                    found.add(called)
        if len(found) == before:
            return found


SERVICES = sorted(name for name in FILES if name.startswith("services."))


def test_what_waits_in_the_radio_has_a_coroutine():
    found = {name.partition(".")[2] for file in ("radio", "state") for name in waiting(file)}
    assert {"volumes", "random", "isconnected", "hostname", "firmware"} <= found  # it finds them
    coroutines = {n for n, f in vars(FILES["aio"]).items() if inspect.iscoroutinefunction(f)}
    assert {TOLD_BY.get(name, name) for name in found} <= coroutines


def test_what_waits_in_a_service_has_steps():
    found = {f"{file}.{name}" for file in SERVICES for name in waiting(file)}
    assert found == set(TWINS)


def test_each_coroutine_has_the_arguments_of_its_method():
    from spwf04 import SPWF04

    for name, function in vars(FILES["aio"]).items():
        method = getattr(SPWF04, name, None)
        if inspect.iscoroutinefunction(function) and method is not None:
            mine = list(inspect.signature(function).parameters.values())[1:]
            theirs = list(inspect.signature(method).parameters.values())[1:]
            assert mine == theirs, name


# Who has a twin whose call has no arguments there
OWNERS = {
    "Response": lambda d: FILES["services.http"].get(d.joined(), "http://web.example/", to="2:/p"),
    "Pin": test_arguments.pin,
    "ADC": lambda d: FILES["services.pins"].ADC(d.joined()),
    "DAC": test_arguments.dac,
    "PWM": test_arguments.pwm,
    "MQTTClient": test_arguments.mqtt,
    "WebPages": test_arguments.web_pages,
}


@pytest.mark.parametrize("name", TWINS)
def test_steps_do_not_wait(name):
    d = desk()
    twin = TWINS[name]
    twin, arguments = twin if isinstance(twin, tuple) else (twin, None)
    short = name if name in CALLS else ".".join(name.split(".")[2:])
    owner = CALLS[short][0] if short in CALLS else OWNERS[short.split(".")[0]]
    if arguments is None:
        arguments = good(d, short) if short in CALLS else {}
    channel = d.joined().channel
    if owner is None:
        steps = getattr(FILES[name.rpartition(".")[0]], twin)(**arguments)
    else:
        steps = getattr(owner(d), twin)(**arguments)
    d.clock.end = d.clock.now() + LIMIT
    task = Task(channel, steps)
    with no_waiting(channel):
        while not task.poll():
            d.clock.idle()
    if short in CALLS:
        after(d, short)
    else:
        d.usable()
        d.tidy()
