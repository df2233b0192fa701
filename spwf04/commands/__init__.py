"""One family of AT commands a file: functions of the radio, or steps of a task."""
