"""The stage and the function, measured side by side with their peers: `make bench`."""
