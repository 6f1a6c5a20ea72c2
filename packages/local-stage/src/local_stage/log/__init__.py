"""The logs of a stage: written, coloured and read again."""
