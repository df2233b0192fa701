"""Recorded UART logs: whatever wrote them, they become exchanges, indications and findings.

recording.read(bytes) -> events -> Decoder -> items -> findings.examine(items)

pasted.py undoes what terminals and forums do to a log; sorter.py tells the two sides of a stream
apart; decode.py puts command, payload and reply together; findings/ says what went wrong.
"""
