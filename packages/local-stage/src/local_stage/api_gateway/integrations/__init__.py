"""What responds to a request that may pass: each kind of integration is one module, listed in `registry`."""
