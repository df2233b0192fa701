"""Measures what the driver costs, beside its peers.

python -m bench              all parts; writes docs/performance.md, .json and .svg
python -m bench size heap …  only these parts: line, page, size, heap, cpu, steps, start,
                             services, frames
python -m bench frozen       builds a MicroPython with the driver frozen (apt-get, gcc -m32), and
                             writes what heap that needs into docs/performance.json and .md
python -m bench budget       raises the ceilings that tests/test_size.py compares with
"""

import argparse

from rich.console import Console

from bench import budget, measure, report


def main():
    """Measure what the arguments ask for."""
    parts = {**measure.PARTS, **measure.EXTRA}
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", choices=[*parts, "budget", []], metavar="PART")
    wanted = parser.parse_args().parts
    console = Console()
    if "budget" in wanted:
        for name, (before, now) in budget.write().items():
            console.print(f"{name}: {before} → {now}")
        return
    result = {}
    for name in wanted or measure.PARTS:
        with console.status(name):
            result[name] = parts[name]()
    if not wanted:  # what needs a compiler stays as it was
        result["frozen"] = report.recorded()["frozen"]
    report.show(result)
    if wanted == ["frozen"]:
        report.write({**report.recorded(), **result})
    if not wanted:
        from bench import picture

        report.write({**report.made(), **result})
        picture.draw(result, report.DOCS / "performance.svg")


if __name__ == "__main__":
    main()
