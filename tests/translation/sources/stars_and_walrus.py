*a, = b
*a, b = c
[*a, b] = [*c, d]
(*a,), *b = c
a = *b,
a = *b, *c
for a in *b, c: pass
for *a, b in c: pass
x[*a] = b
x[*a, b:c] = d
del x[*a]
print(*a, *b, sep=c, **d, **e)
print(*(a for a in b))
{*a, *b}, [*a, *b], (*a, *b)
{**a, 'b': c, **d}
[*a | b, *-c]
def f(*args: *Ts): return *args, 1
def g():
    yield *a, b
    return *a,
if a := b: pass
while a := b: pass
if (a := b) and (c := d): pass
x = (y := 1, z := 2)
f(a := 1, b=(c := 2))
[a := 1, b := 2]
{a := 1, b := 2}
{(a := 1): (b := 2)}
x[a := 1]
x[a := 1, b := 2]
x[(a := 1):(b := 2)]
lambda: (a := 1)
(lambda x=(y := 1): x)
[y := f(x), y**2]
[y for x in z if (y := f(x))]
assert (a := b), (c := d)
return_ = (a := b)
