from tests.api.test_unknown_routes import *  # noqa: F403 - the very same tests, with this folder's fixtures
