match = 1
case = 2
_ = 3
type = 4
match.a
match.a = b
match(a)
match(a, b)
match(a).b
match[a]
match[a] = b
match[a:b]
match, case = case, match
match: int
match: int = 1
match += 1
match -= 1
match * a
match - a
match + a
match @ a
match = match if match else case
match == a
match in a
match not in a
match is not a
match or a
match and a
match if a else b
match
match; case
match ** a
match, a
match,
match = (match)
match |= a
(match)
[match, case, _, type]
{match: case}
def match(case, _=type): return match
class match: case = _
match = lambda match: match
import match
import match.case as _
from match import case as type
from case import match
del match, case
for match in case: pass
with match as case: pass
print(match, case)
match (a), b
match [a], b
match \
    (a)
match (a, b).c = d
match (a) [b]
match (a).b: int = 1
match [a].b = c
match(*a, **b)
match (a) if b else c
type(a)
type (a).d = b = c
type[a]
type.b
case(a)
case [a]
_(a)
_[a]
global match_, case_
@match
def case(): pass
assert match, case
return_ = match
raise match
