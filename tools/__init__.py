"""What makes the packages that are put on boards."""
