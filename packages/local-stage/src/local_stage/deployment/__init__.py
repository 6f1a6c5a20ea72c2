"""What of a template is deployed: the API, its functions and its outputs."""
