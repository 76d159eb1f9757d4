"""The stories: what a command does from the first file to the last, without a terminal."""

SEED = 20191009
"""Root seed of the random numbers where none is asked for."""
