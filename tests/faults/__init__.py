"""Faults on purpose: `bin/faults` kills, stops and confuses real servers, and counts what was lost."""
