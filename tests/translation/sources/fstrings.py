f'', f"", f'''''', F'a', f'a', f'{a}', f'{a}b', f'a{b}', f'a{b}c', f'{a}{b}', f'{a} {b} {c}'
f'{{', f'}}', f'{{}}', f'{{a}}', f'{{{a}}}', f'{{{{', f'a{{b}}c{d}e{{'
f'{a!r}', f'{a!s}', f'{a!a}', f'{a !r}', f'{a!r:b}', f'{a!r:{b}}'
f'{a:b}', f'{a:}', f'{a:>10}', f'{a:{b}}', f'{a:{b}{c}}', f'{a:x{b}y{c}z}', f'{a:{b}.{c}f}', f'{a:%Y-%m-%d}', f'{a}:'
f'{a:{b!r}}', f'{a:{b!r:}}'
f'{a=}', f'{a =}', f'{a = }', f'{ a=}', f'{a=!r}', f'{a=:x}', f'{a=!s:>{b}}', f'{a+b=}', f'x{a=}y{b=}', f'{a==b}', f'{a!=b}', f'{a<=b}', f'{a>=b=}'
f'{ a }', f'{  a  }', f'{(a)}', f'{a,}', f'{a,b}', f'{*a,}', f'{*a, b}', f'{a, *b}'
f'{a.b}', f'{a[b]}', f'{a["b"]}', f"{a['b']}", f'{a(b)}', f'{a(b, c=d)}', f'{a[b:c]}', f'{a[b:c]:d}', f'{(a:=b)}', f'{a:=5}', f'{a(b:=c)}'
f'{a if b else c}', f'{a or b}', f'{not a}', f'{-a}', f'{a!=b!r}', f'{a==b!r:c}', f'{lambda_}', f'{(lambda: a)}', f'{(lambda x: x)(a)}', f'{(lambda x: x):y}'
f'{[a for a in b]}', f'{ {a for a in b} }', f'{ {a: b} }', f'{ {a: b}[c] }', f'{(a for a in b)}', f'{[a, b]!r}', f'{{{a}}}{{'
f'{yield_}', f'{"a"}', f"{'a' 'b'}", f'{"""a"""}', f"{f'{a}'}", f"{f'{a!r}':b}", f'''{f"{f'{a}'}"}''', f"{'{'}", f"{'}'}", f"{':'}", f"{'!'}", f"{'='}"
f'{1}', f'{1.5}', f'{1:2}', f'{1!r}', f'{0x1f}', f'{1_0}', f'{None}', f'{...}', f'{True}'
rf'\{a}', fr'\n{a}', Rf'{a}\d', fR'{a:\d}', rF'''{a}
\n'''
f'\n{a}\t', f'\x41{a}\u00e9', f'\N{EURO SIGN}{a}', f'{a}\N{EURO SIGN}', f'\\{a}', f'{a:\x41}', f'{a}\
', f'{a:\n}'
'a' f'b', f'a' 'b', f'a' f'b', 'a' f'{b}' 'c', f'{a}' 'b' f'{c}', 'a' 'b' f'c{d}e' 'f' 'g', f'' '', '' f'', f'{a}' f'', u'a' f'{b}', f'{b}' u'a', r'\a' f'{b}' '\n'
f'''
{a}
''', f'''{
a
}''', f'''{a
}''', f'''x {
  a
  + b
  !r:>{
  c}} y''', f"""a
  b {c} d
  e {f!r:
  g} h""", f'''
{a = }
{
b
 =}
'''
f'ü{a}é{b:ö}', f'{"ü"}x{a}', f'😀{a}{b}', f'{ü}', f'{a:😀{b}}', f'é' f'{a}'
(f'a'
 f'{b}'
   f'c{d}'), ('a'
 f'{b}'
  'c')
f'{a}' if f'{b}' else f'{c}'
f(f'{a}', *f'{b}', **{f'{c}': f'{d}'})
x[f'{a}'] = f'{b}'.c(f'{d}')
f'{a}' f'{b}'
f'{a:{b}}c{d:{e}}f'
f'{a!r:^{width}.{precision}}'
f'{a}'; f'{b}'
def f(x=f'{a}') -> f'{b}':
    f'{not_a_docstring}'
    return f'''{
        x
    }'''
f'{a["b"]["c"]}{d.e["f"]!r:>{g["h"]}}'
f'{a:{b["c"]}}'
f"{a['b']:{c['d']}}"
f'{x:{"{"}}'
