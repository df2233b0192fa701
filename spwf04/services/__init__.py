"""What the module's firmware does by itself: a file each, with a radio as the argument of all."""
