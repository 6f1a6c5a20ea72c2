from tests.api.test_refused_tokens import *  # noqa: F403 - the very same tests, with this folder's fixtures
