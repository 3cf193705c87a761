# Strings of several lines in replacement fields: their columns count from the field's brace where they begin on its
# first line (CPython 3.11), and so do those of an f-string of several lines for what its own first line holds.
x = f'''{"""a
b"""}tail'''
f(1, 'é' f'''ab
cd {"""a
b"""}
{v}''')
if a:
    y = (f'''
  {"""a
b"""}''')
x = f'''{x + """a
b"""}tail'''
f(1, 'é' f'''ab
cd {x + """a
b"""}
{v}''')
if a:
    y = (f'''
  {x + """a
b"""}''')
x = f'''{"""a
b""" + y}tail'''
f(1, 'é' f'''ab
cd {"""a
b""" + y}
{v}''')
if a:
    y = (f'''
  {"""a
b""" + y}''')
x = f'''{"""a
b""".upper()}tail'''
f(1, 'é' f'''ab
cd {"""a
b""".upper()}
{v}''')
if a:
    y = (f'''
  {"""a
b""".upper()}''')
x = f'''{ """a
b""", y}tail'''
f(1, 'é' f'''ab
cd { """a
b""", y}
{v}''')
if a:
    y = (f'''
  { """a
b""", y}''')
x = f'''{f"""a
b"""}tail'''
f(1, 'é' f'''ab
cd {f"""a
b"""}
{v}''')
if a:
    y = (f'''
  {f"""a
b"""}''')
x = f'''{f"""a{z}
b{w}"""}tail'''
f(1, 'é' f'''ab
cd {f"""a{z}
b{w}"""}
{v}''')
if a:
    y = (f'''
  {f"""a{z}
b{w}"""}''')
x = f'''{z, f"""a{z}{(q, r)}
b{w}""" + e}tail'''
f(1, 'é' f'''ab
cd {z, f"""a{z}{(q, r)}
b{w}""" + e}
{v}''')
if a:
    y = (f'''
  {z, f"""a{z}{(q, r)}
b{w}""" + e}''')
x = f'''{f"""{f"{k}"}
{m}"""}tail'''
f(1, 'é' f'''ab
cd {f"""{f"{k}"}
{m}"""}
{v}''')
if a:
    y = (f'''
  {f"""{f"{k}"}
{m}"""}''')
x = f'''{"""a
b""" """c
d"""}tail'''
f(1, 'é' f'''ab
cd {"""a
b""" """c
d"""}
{v}''')
if a:
    y = (f'''
  {"""a
b""" """c
d"""}''')
x = f'''{"x" """c
d"""}tail'''
f(1, 'é' f'''ab
cd {"x" """c
d"""}
{v}''')
if a:
    y = (f'''
  {"x" """c
d"""}''')
x = f'''{"""c
d""" "x"}tail'''
f(1, 'é' f'''ab
cd {"""c
d""" "x"}
{v}''')
if a:
    y = (f'''
  {"""c
d""" "x"}''')
x = f'''{x:{"""a
b"""}}tail'''
f(1, 'é' f'''ab
cd {x:{"""a
b"""}}
{v}''')
if a:
    y = (f'''
  {x:{"""a
b"""}}''')
x = f'''{ f(  """a
b""", c=1)}tail'''
f(1, 'é' f'''ab
cd { f(  """a
b""", c=1)}
{v}''')
if a:
    y = (f'''
  { f(  """a
b""", c=1)}''')
x = f'''{
"""a
b""" + y}tail'''
f(1, 'é' f'''ab
cd {
"""a
b""" + y}
{v}''')
if a:
    y = (f'''
  {
"""a
b""" + y}''')
x = f'''{x
 + """a
b""" + y}tail'''
f(1, 'é' f'''ab
cd {x
 + """a
b""" + y}
{v}''')
if a:
    y = (f'''
  {x
 + """a
b""" + y}''')
x = f'''{"""a
b"""!r:>{w}}tail'''
f(1, 'é' f'''ab
cd {"""a
b"""!r:>{w}}
{v}''')
if a:
    y = (f'''
  {"""a
b"""!r:>{w}}''')
x = f'''{"""a
b"""=}tail'''
f(1, 'é' f'''ab
cd {"""a
b"""=}
{v}''')
if a:
    y = (f'''
  {"""a
b"""=}''')
x = f'''{[f"""{y}
""" for y in z]}tail'''
f(1, 'é' f'''ab
cd {[f"""{y}
""" for y in z]}
{v}''')
if a:
    y = (f'''
  {[f"""{y}
""" for y in z]}''')
x = f'''{f"""{ 
 z}
"""}tail'''
f(1, 'é' f'''ab
cd {f"""{ 
 z}
"""}
{v}''')
if a:
    y = (f'''
  {f"""{ 
 z}
"""}''')
x = f'''{lambda_:=3}{"""
"""}{y}tail'''
f(1, 'é' f'''ab
cd {lambda_:=3}{"""
"""}{y}
{v}''')
if a:
    y = (f'''
  {lambda_:=3}{"""
"""}{y}''')
x = f'''{f"""{'x'}{y + 'z'}
{u}""" 'k' + z}tail'''
f(1, 'é' f'''ab
cd {f"""{'x'}{y + 'z'}
{u}""" 'k' + z}
{v}''')
if a:
    y = (f'''
  {f"""{'x'}{y + 'z'}
{u}""" 'k' + z}''')
x = f'''{b"""a
b"""}tail'''
f(1, 'é' f'''ab
cd {b"""a
b"""}
{v}''')
if a:
    y = (f'''
  {b"""a
b"""}''')
x = f'''{x}{y + """a
b"""}
{"""c
d"""}tail'''
f(1, 'é' f'''ab
cd {x}{y + """a
b"""}
{"""c
d"""}
{v}''')
if a:
    y = (f'''
  {x}{y + """a
b"""}
{"""c
d"""}''')
