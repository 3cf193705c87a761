"""Every simple and compound statement, on lines of its own and joined."""
pass; x = 1; y = x;
if x: pass
if x: y = 1; z = 2
elif y: pass
else: pass
if x:
    if y:
        pass
    elif z:
        pass
    elif not z: pass
    else:
        if x:
            pass
        else:
            pass
while x: break
while x:
    continue
else:
    y = 0
for i in x: pass
for i, in x: pass
for i, *j in x, *y:
    pass
else:
    pass
for (i) in x: pass
for (i, j), [k, *l] in x: pass
for x[0] in x.y[1:2]: pass
for x.a in *x, *y,: pass
del x
del x, y,
del (x), (y, z), [a, b], [], ()
del x.y, x[0], x[1:2], (x.y)
assert x
assert x, y
assert (x, y)
raise
raise x
raise x from y
return_ = 1
import a
import a.b.c as d, e, f.g
from a import b
from a import b as c, d
from a.b import (c)
from a.b import (c, d as e,)
from . import a
from .. import a
from ... import a
from .... import a
from . .. import a
from ...a.b import c
from a import *
global g1, g2
x: int
x: int = 1
x.y: int = 2
x[0]: int = 3
(x): int = 4
(x.y): int
x: tuple = 1, 2
x: tuple = *y, 2
x: int = yield_
x = y = z = 1
x, y = y, x
x, = y
(x, y), [z, *a] = b
[x, y] = z
(x) = 1
(x), y = 1, 2
[] = x
() = x
*x, y = z
x, *y, z = a
x = *y, z
x = *y,
x.y.z = x[0][1] = x().y = 1
x += 1; x -= 1; x *= 1; x @= 1; x /= 1; x %= 1; x &= 1; x |= 1; x ^= 1; x <<= 1; x >>= 1; x **= 1; x //= 1
x.y += 1, 2
x[0] += *y, 2
(x) += 1
try: pass
except: pass
try:
    pass
except x:
    pass
except (x, y) as z:
    pass
except x.y as a: pass
except:
    pass
else:
    pass
finally:
    pass
try: pass
finally: pass
try:
    pass
except x: pass
finally: pass
...
x
x, y
x,
(x)
()
(yield_)
