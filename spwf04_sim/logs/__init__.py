"""Logs of a UART, whatever wrote them, become events.

reader.py takes the bytes of a file. pasted.py undoes what terminals and forums do to a log.
sorter.py tells host and module in a stream apart; forms.py and signs.py know what it looks for.
recorded.py reads and writes the driver's own form.
"""
