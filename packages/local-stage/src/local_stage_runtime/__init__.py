"""What runs in a function's process, before and around its handler.

The standard library alone is imported, and nothing of the stage: this package is copied into the functions'
interpreter, where neither the stage nor its packages are.
"""
