"""The stories: what a command does from the first file to the last, without a terminal."""
