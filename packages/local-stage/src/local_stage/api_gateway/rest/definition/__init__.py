"""Reads a REST API from its OpenAPI document and its resources."""
