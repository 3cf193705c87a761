"""What every layer shares: errors, units, the records of a run and of its results."""
