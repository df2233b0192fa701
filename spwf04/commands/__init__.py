"""AT commands, a family in each file: functions of the radio, or steps, see at/task.py."""
