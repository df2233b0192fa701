"""The line to the module. Knows no Wi-Fi, no socket, no certificate."""
