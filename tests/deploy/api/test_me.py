from tests.api.test_me import *  # noqa: F403 - the very same tests, with this folder's fixtures
