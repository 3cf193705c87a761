class A:

    x = 1
  # a comment that is indented less

    def f(self):
            # more
        return 1
# none

    def g(self):
        if x:

            return 2

        # here
        else:
          return 3
    y = 2
if a: b; c; d;
for x in y: f(x); continue
while 1: pass; break
class B: pass; x = 1
try: x; y
except: z; w
finally: v;
with a: b; c
def f(): return 1; return 2
if 1:
 if 2:
  if 3:
   x
 y
z
if a:
    (b,
c)
    d = [
e]
    f = """
g"""
if x:
    pass;
if x: return_
if x: (yield_)
