"""Chokepoint: what a cut-off of suppliers costs, when, and through which part.

The story of a study is in :mod:`sim.stories.study`; every exception in :mod:`sim.errors`.
"""
