"""Many futures: random streams, sampled inputs, batches, run folders."""
