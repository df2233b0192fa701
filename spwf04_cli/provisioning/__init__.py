"""A bench of modules, prepared as a plan says."""
