"""portalis-lab: does this memory optimisation pay, on my machine, for my data?"""
