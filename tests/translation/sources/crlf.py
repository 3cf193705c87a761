if a:
    b = """x
y"""
    c = '\
z'
d = (1,
     2)

# c
e