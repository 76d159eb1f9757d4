"""Measures of risk: outcomes of a replication, of a batch, and the tables that tell them."""
