"""Engines that run the compiled model."""
