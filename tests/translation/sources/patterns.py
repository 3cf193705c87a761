match x:
    case 1: pass
    case -1: pass
    case 1.5 | -1.5: pass
    case 1 + 2j: pass
    case -1 - 2j: pass
    case 1.5 + 0j: pass
    case "a": pass
    case "a" "b" 'c': pass
    case b"a": pass
    case u"a": pass
    case None: pass
    case True | False: pass
    case a.b: pass
    case a.b.c.d: pass
    case _: pass
match x:
    case a: pass
match (x):
    case (a): pass
match x,:
    case a,: pass
match x, y:
    case a, b: pass
match *x, y:
    case a, *b: pass
    case *_, a: pass
    case [*_]: pass
    case (*a,): pass
    case []: pass
    case (): pass
    case [a]: pass
    case [a,]: pass
    case (a, b): pass
    case (a, b,): pass
    case [a, [b, (c, *d)]]: pass
    case 1, 2, *a: pass
match {}:
    case {}: pass
    case {"a": 1}: pass
    case {"a": 1, }: pass
    case {"a": a, "b": [b, *c], **d}: pass
    case {**a}: pass
    case {**a, }: pass
    case {1: a, -1: b, None: c, True: d, a.b: e, 1 + 2j: f, "x" "y": g, b"z": h}: pass
match f(x):
    case A(): pass
    case A(1): pass
    case A(1,): pass
    case A(a, b): pass
    case A(b=1): pass
    case A(b=1, c=d,): pass
    case A(a, b=c, d=E(f)): pass
    case a.b.C(d, e=f): pass
    case A(B(C())): pass
match x:
    case 1 | 2 | 3: pass
    case (1 | 2) as a: pass
    case 1 | 2 as a: pass
    case [1 | 2, a] as b: pass
    case {"a": 1 | 2 as b}: pass
    case A(1 | 2 as a, b=(3 | 4) as c): pass
    case (((a))): pass
    case a if a > 1: pass
    case [a, b] if (c := a): pass
    case a, b if a: pass
    case a as b: pass
    case (a as b, c as d): pass
    case str() | None: pass
match x:
    case 1:
        match y:
            case 2:
                pass
            case _:
                pass
    # comment
    case _:
        pass
match lambda: 0:
    case _: pass
match (yield_):
    case _: pass
match x if y else z:
    case _: pass
match a := b:
    case _: pass
match not x:
    case _: pass
match -x:
    case _: pass
match [x]:
    case _: pass
match {x: y}:
    case _: pass
match (x, y):
    case _: pass
match match:
    case case: pass
match case:
    case match: pass
match x.y:
    case _: pass
match x[0]:
    case _: pass
match x(y)(z):
    case _: pass
match "a":
    case _: pass
match ...:
    case _: pass
match 1:
    case 0x10 | 0b1 | 0o7 | 1_000 | 1e5 | 1j: pass
match x:
    case f"a{b}" | f"": pass
