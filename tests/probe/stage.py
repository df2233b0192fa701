"""A simulated module on the bench of the experiments."""

from spwf04.at.uart import UART
from spwf04.commands.baudrate import switch
from spwf04_cli.probe import around
from spwf04_cli.probe.bench import Bench
from spwf04_cli.probe.experiment import experiments
from spwf04_cli.probe.line import Line
from spwf04_cli.probe.run import one
from spwf04_sim import SimulatedModule, Timing, VirtualClock, World

ADDRESS = "192.168.1.10"  # what the module takes for this computer


def bench(quirks, patience=0.06):
    """A Bench with a factory-fresh module that has this reading. patience: as VirtualClock has it;
    more of it for servers that are processes of their own."""
    return staged(quirks, patience)[0]


def staged(quirks, patience=0.06):
    """(Bench, SimulatedModule) of a factory-fresh module that has this reading."""
    world = World()
    world.add_access_point("home", "correct horse")
    clock = VirtualClock(longest=100, patience=patience)
    module = SimulatedModule(world, quirks=quirks, clock=clock, timing=Timing())
    module.power_on()
    uart = UART(module.uart())
    line = Line(uart, module.clock, lambda rate: switch(uart, rate) is None)
    made = Bench(line, around.Simulated(module, ADDRESS), ("home", "correct horse"), ADDRESS)
    made.restart()
    return made, module


def found(quirks, *names):
    """{point: reading} that the experiments of these points find on a module with that reading."""
    made = bench(quirks, 10 if "renegotiation" in names else 0.06)  # it starts openssl
    result = {}
    for experiment in experiments():
        if set(names) & set(experiment.names):
            result.update(one(made, experiment))
    return result
