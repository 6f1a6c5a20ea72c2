"""The commands of `local-stage`: a module each, which adds its own parser and runs it."""
