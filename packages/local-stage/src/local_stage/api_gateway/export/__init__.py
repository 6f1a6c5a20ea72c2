"""The OpenAPI document of a REST API: what may be called, with which token, and what is answered."""
