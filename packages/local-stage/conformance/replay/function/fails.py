"""A module that cannot be loaded."""

raise Exception("Runtime startup fails")  # noqa: TRY002 - the type that was recorded
