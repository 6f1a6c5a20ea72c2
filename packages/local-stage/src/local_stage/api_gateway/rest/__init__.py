"""A REST API: a request's whole way through it, as API Gateway does."""
