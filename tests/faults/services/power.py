"""Saving power, sleep and standby."""


def _idle(stage):
    stage.radio.power_save("idle")


def _off(stage):
    stage.radio.power_save("off", timeout=20)


def _sleep(stage):
    stage.radio.sleep(lambda level: stage.module.pins.drive(6, level))


def _sleep_and_wake(stage):
    _sleep(stage)
    stage.radio.wake()


def _wake_by_a_command(stage):
    _sleep(stage)
    stage.radio.get("nv_model")


def _standby(stage):
    stage.radio.standby(3)
    stage.radio.wake()


def _ready(stage):
    stage.radio.isconnected()


EXCHANGES = {
    "power, plain: idle": (_ready, _idle, b""),
    "power, plain: off": (_ready, _off, b""),
    "power, plain: sleep and wake": (_ready, _sleep_and_wake, b""),
    "power, plain: wake by a command": (_ready, _wake_by_a_command, b""),
    "power, plain: standby": (_ready, _standby, b""),
}
