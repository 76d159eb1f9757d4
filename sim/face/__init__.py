"""The public face: the verbs and results that :mod:`sim` hands on to notebooks and scripts."""
