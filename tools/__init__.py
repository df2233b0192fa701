"""Tools that make the packages for boards."""
