"""The line to the module when no module answers: what comes instead, and at which rate."""
