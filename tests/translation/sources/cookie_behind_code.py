x = 1
# coding: nonsense
