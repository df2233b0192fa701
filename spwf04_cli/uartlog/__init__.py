"""Logs of a UART, whatever wrote them: understood, shown, and searched for faults.

reader.read(bytes) -> events -> Decoder -> items -> findings.examine(items)

spwf04_sim.logs reads them: it undoes what terminals and forums do to a log, and tells host
and module in a stream apart. decode.py puts command, payload and reply together. findings/ says
what went wrong. listing.py and timeline.py show the result.
"""
