"""Scenario files: what a user may write, how it is read, and what is wrong with it."""
