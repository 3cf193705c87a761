x = 1 + \
    2
x = \
\
1
if a and \
   b:
    pass
with a as b, \
     c as d: pass
def f(a, \
      b): \
    return a \
        + b
assert a, \
    b
"a" \
"b" \
'c'
x = [1, \
     2]
x = 'a\
b' \
'c'
from a import b, \
    c
if a: \
    pass
else: \
    pass
\
x
a.\
b
a\
.b
a \
 if b \
  else c
not \
    a
a not \
    in b
a is \
 not b
