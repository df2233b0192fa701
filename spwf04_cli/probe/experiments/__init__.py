"""The experiments: a file for each section of docs/unverified.md."""
