"""Serves a SAM template's REST API on localhost, with its Cognito authorizer enforced."""
