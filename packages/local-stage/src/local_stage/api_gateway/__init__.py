"""API Gateway: a REST API's stage, from the request to the answer."""
