"""What an experiment is, its plan, its worker processes, its runner."""
