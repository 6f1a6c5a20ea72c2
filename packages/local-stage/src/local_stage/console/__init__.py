"""What the running stage serves beside the API, for its developer alone."""
