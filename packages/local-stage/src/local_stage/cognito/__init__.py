"""Amazon Cognito: the tokens of a user pool and the keys that sign them."""
