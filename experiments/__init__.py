"""The built-in experiments: layout, pooling, alignment, and the lab's test of itself."""
