"""IAM's policy language, as authorizers, resource policies and callers' own policies are written in it."""
