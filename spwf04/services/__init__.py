"""What the module's firmware does by itself: a file each, a radio as the argument of each. Nobody
below knows them. A function that waits has a twin that gives the same as steps: see at/task.py."""
