"""The console to a module: lines that are typed, what they do, and what is shown."""
