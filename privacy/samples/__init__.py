"""Labelled sample sets of those who run a site: evidence for thresholds."""
