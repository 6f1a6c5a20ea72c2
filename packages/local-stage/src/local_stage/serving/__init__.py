"""Starts the stage, serves it, and takes up what is saved."""
