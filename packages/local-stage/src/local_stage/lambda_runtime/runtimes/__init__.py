"""The languages in which functions run here, a module each; `registry` finds the one of a function."""
