"""The front door: what to build (`config`), the manager that builds it, and its figures (`metrics`, `prometheus`)."""
