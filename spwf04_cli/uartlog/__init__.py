"""Logs of a UART, whatever wrote them: read, understood, shown, and searched for faults.

recording.read(bytes) -> events -> Decoder -> items -> findings.examine(items)

pasted.py undoes what terminals and forums do to a log. sorter.py tells host and module in a stream
apart. decode.py puts command, payload and reply together. findings/ says what went wrong.
listing.py and timeline.py show the result.
"""
