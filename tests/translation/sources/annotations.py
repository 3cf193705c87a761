x: int  # type: int
x: "List[int]" = []
x: (yield_) = 1
x.y.z: int
x[a:b]: int = c
(x): int
(x.y): int = 1
(x[0]): int
x: a if b else c = d
x: lambda: 0
x: int = *a, b
x: tuple[*a, b]
x: int = yield_
def f(x: int = 1, *, y: "str", **z: A[B]) -> C | None: # type: () -> int
    pass
for i in x:  # type: int
    pass
with x as y:  # type: int
    pass
x = 1  # type: ignore
