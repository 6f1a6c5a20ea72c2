"""Runs what people put around such an API against the stage: clients, verifiers, frameworks and tools."""
