[a for a in b]
[a for a in b if c]
[a for a in b if c if d]
[a for a in b for c in d]
[a for a in b if c for d in e if f if g]
[a for a, in b]
[a for a, *b in c]
[a for (a, b), [c] in d]
[a for a.b in c]
[a for a[0] in c]
[(a, b) for a in b]
[a := 1 for b in c]
[a if b else c for d in e]
[lambda: a for a in b]
[[a for a in b] for b in c]
[a for a in b or c]
[a for a in (lambda: b)()]
[a for a in b if c or d]
[a for a in b if (c if d else e)]
{a for a in b}
{a: b for a in c}
{a: b for a, b in c if a if b}
{(a, b): c for a in b for c in d}
{a: {b: c for b in d} for a in e}
(a for a in b)
f(a for a in b)
f(a for a in b)(c for c in d)
f((a for a in b), *(c for c in d))
sum(a * b for a, b in zip(c, d) if a not in e)
async def f():
    [a async for a in b]
    [a async for a in b if await c]
    {a: await b async for a in c for d in e async for f in g}
    (a async for a in b)
    return {await a for a in b}, [await a async for a in b]
[
    a  # comment
    for a
    in b
    if c
]
