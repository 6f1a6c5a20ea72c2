"""A local stage for tests, of this project and of others; `pytest_plugin` has the fixtures."""
