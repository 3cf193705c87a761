"""Operators, precedence, calls, subscripts, comparisons, displays."""
a or b and not c in d
not not a
a or b or c and d and e
(a or b) or c
a or (b or c)
a and (b and c)
-a ** -b ** +c
~a ** b
- -a + +b
(-1) ** 2
-1 ** 2
2 ** -1
a + b - c * d @ e / f // g % h
a << b >> c & d ^ e | f
a | b ^ c & d << e + f * g ** h
a < b > c <= d >= e == f != g
a is b is not c
a in b not in c
a not in b
not a in b
not (a) in b
a < b == c < d in e is f not in g is not h
a if b else c
a if b else c if d else e
(a if b else c) if d else e
lambda: 0
lambda: (yield_)
lambda x: x
lambda x, y=1, *z, a, b=2, **c: x
lambda x, /: x
lambda x, /, y: x
lambda x=1, /, y=2, *, z: x
lambda *, x: x
lambda *x: x
lambda **x: x
lambda *x, y, **z: lambda: x if y else z
lambda x, y,: x
lambda x: lambda y: x + y
(lambda: 0)()
a.b.c
a.b().c[d].e
a()
a(b)
a(b, c, )
a(b=c)
a(b, *e, f, c=d, *j, **g, h=i)
a(*b, *c, **d, **e)
a(b for c in d)
a((b for c in d), e)
a(b := c, d)
a(*b, c=d, *e)
a(**b, c=d)
a(b)(c)(d)
a[b]
a[b, c]
a[b,]
a[:]
a[b:]
a[:b]
a[b:c]
a[::]
a[b::c]
a[:b:c]
a[b:c:d]
a[b:c, d:e:f, ...]
a[*b]
a[*b, c]
a[b, *c]
a[*b, *c,]
a[b := c]
a[b, c := d]
a[(b := c)]
a[lambda: b:c]
a[b if c else d:e]
[]
[a]
[a, ]
[a, *b, c]
()
(a)
((a))
(a,)
(a, b)
(*a, b)
(*a,)
{}
{a}
{a, }
{a, *b}
{*a}
{a: b}
{a: b, }
{**a}
{a: b, **c, d: e}
{**a, **b}
{a: {b: {c: d}}}
[[[[]]]]
((((a,),),),)
(a := b)
(a := b, c := d)
[a := b, c]
{a := b}
(a := (b := c))
a = (b := c) + 1
await_ = None
None, True, False, ..., Ellipsis
None.a, True[0], ...()
"a".b, 1 .c, 1.0.d, 1..e, 1j.f, 0x1.real
x = a if b else lambda: c if d else e
a == b or c
a @ b @ c
a ** b ** c
a - b - c
a // b / c
(a + b) * (c - d)
a[b][c](d)[e].f
(a)(b)
(a)[b]
(a).b
[a][b]
{a}.b
{a: b}[c]
"x"[0]
f(a)(b=c)[d:e].g
(
    a
    +
    b
)
print(a, end="")
