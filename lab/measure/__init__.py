"""Probes and the machine: what can be observed here, and how."""
