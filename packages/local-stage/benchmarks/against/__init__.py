"""This commit beside an earlier one of the same repository, in the same run with the same application."""
