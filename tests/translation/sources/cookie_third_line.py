

# coding: nonsense
