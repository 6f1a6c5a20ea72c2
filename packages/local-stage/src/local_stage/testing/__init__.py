"""A local stage for tests, of this project and of others; `local_stage.pytest_plugin` has the fixtures."""
