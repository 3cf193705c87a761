def f(): pass
def f(a): pass
def f(a, b=1): pass
def f(a, /): pass
def f(a, /, b): pass
def f(a, b=1, /, c=2, *, d, e=3, **f): pass
def f(a=1, /, b=2, *c, d=4, e, **g): pass
def f(*, a): pass
def f(*, a=1, b): pass
def f(*a): pass
def f(*a, b): pass
def f(**a): pass
def f(a, *, b, **c): pass
def f(a, b,): pass
def f(*a,): pass
def f(**a,): pass
def f(a, /,): pass
def f(a: int, b: str = "x", /, c: float = 1.0, *d: int, e: int = 1, **f: dict[str, int]) -> None: pass
def f(*a: *b): pass
def f(*a: *tuple[int, ...]) -> tuple[*b]: pass
def f() -> (yield_): pass
def f() -> a if b else c: pass
def f(a: lambda: b = lambda: c) -> lambda: d: pass
def f(
    a,  # one
    b=(1, 2),
    *c,
    **d,
) -> int:
    """Docstring."""
    return a
def f():
    return
def f():
    return 1, 2
def f():
    return *a, b
def f():
    return (yield)
def f():
    yield
    yield a
    yield a, b
    yield *a, b
    x = yield
    x = yield a
    x += yield a
    x: int = yield a
    x = y = yield from a
    (yield)
    f((yield), (yield a))
    yield from a
    x = [(yield)]
    lambda: (yield)
def f():
    nonlocal a, b
    global c
    def g():
        def h(): return 1
        return h
    return g
@a
def f(): pass
@a.b.c
@d(e)
@f[0]
@(lambda x: x)
@x if y else z
@a or b
@(c := d)
@e := f
async def f(): pass
@a
class C: pass
@a

# a comment between
@b
class C(D, metaclass=E, *F, **G):
    @property
    def f(self): pass
    @f.setter
    def f(self, x): pass
class C: x = 1; y: int
class C(): pass
class C(A,): pass
class C(A, b=c,): pass
class C(*a, **b): """doc"""
class C:
    """doc"""
    class D:
        class E:
            def f(self):
                pass
    x: int = 1
async def f():
    await a
    await a + await b
    await a ** await b
    -await a
    await a.b(c)[d]
    return await a
    async with a: pass
    async with a as b, c as d: pass
    async with (a as b, c): pass
    async for a in b: pass
    async for a, *b in c:
        pass
    else:
        pass
    async def g():
        yield 1
    x = await a if await b else await c
    await (yield)
    yield await a
