"""The Lambda triggers of a user pool, as Cognito runs them around what the pool itself replies."""
