/* sources.h: Python sources that between them go through every construct, and some that are not Python. */
#ifndef FE_TEST_SOURCES_H
#define FE_TEST_SOURCES_H

#include <fe/frontend.h>
#include <string.h>

static const char *const SOURCES[] = {
    "",
    "\n",
    "x",
    "# only a comment",
    "x = 1\ny = x + 2  # sum\n",
    "import os.path as p, sys\nfrom . import a\nfrom ..b.c import (d as e, f,)\nfrom g import *\n",
    "def f(a, /, b: int = 1, *c, d=2, **e) -> str:\n    \"\"\"Doc.\"\"\"\n    global g, h\n    return a, *b\n",
    "@d(1)\nasync def f():\n    async with a as b, c: pass\n    async for x in y: await z\n    else: yield\n    return "
    "[i async for i in j]\n",
    "class A(B, metaclass=M):\n\tx: int = 3\n\ty: 'str'\n\tdef g(self, n=lambda q, *r: (q, r)): return self.x\n",
    "if a:\n  b\nelif c: d\nelse:\n  while e:\n    break\n  else: continue_ = 1\n",
    "for (i, j), *k in {1: 2, **m}.items(): del i, j[0], k.l\n",
    "try:\n    raise A from b\nexcept (C, D) as e: pass\nexcept: pass\nelse: x\nfinally: y\n",
    "try: pass\nexcept* E as e: pass\n",
    "with (open(a) as b, c): d = [e for e in f if g if h] + [*i, {j, k}, {l: m for l, m in n}, (o for o in p)]\n",
    "match x:\n    case 1 | 'a' | None | -2.5 | 3+4j: pass\n    case [a, *_, b] if b: pass\n    case {'k': v, **r}: "
    "pass\n"
    "    case P(q, s=t) as u: pass\n    case m.n: pass\n    case _: pass\n",
    "a = b = c\na += 1; a //= 2; a **= 3; a @= b; a >>= 4\nassert a, 'm'\n(n := 10)\nx if y else z\nnot a or b and c\n",
    "a < b <= c != d is not e not in f == g > h >= i is j in k\n~a - +b ** -c % d / e // f * g @ h | i ^ j & k << l >> "
    "m\n",
    "s = 'a' \"b\" r'\\c' u'd' '\\x41\\u0042\\U00000043\\103\\n' '''t\nu'''\nb = b'x\\xff' B\"y\"\n",
    "f'{a!r:>{w}} {{b}} {c=} {d[\"e\"]:%Y}' f\"g{h}\" 'i'\n",
    "n = 0, 1_000, 0xFF, 0o17, 0b1_0, 1.5e-3, .5, 5., 1e400, 3j, 123456789012345678901234567890\n",
    "x = [\n    1,  # one\n    2,\n]\ny = a[1:2, ::3, ...]\nz = \\\n    4\n",
    "\f\nif x:\n        if y:\n                z\n        # dedent\nw\n",
    "s = 'gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80'\n",
    "\xef\xbb\xbfx = 1\r\ny = 2\r",
    "def a():\n    def b():\n        nonlocal c\n        c = 1\n    c = 0\n    return b\n",
    "def f(x):\n    if x:\n        for y in x:\n            with y:\n                try:\n                    g(y)\n"
    "                except E:\n                    pass\n",
    /* not Python: */
    "x = (1,\n",
    "def f(:\n    pass\n",
    "  x\n",
    "if a:\npass\n",
    "'abc\n",
    "x = 1 +\n",
    "a b\n",
    "x = 0777\n",
    "if a:\n    b\n  c\n",
    "f'{'\n",
    "\xff\xfe",
    "a\0b",
    "return = 1\n",
    "'''never ends",
};
enum { SOURCE_COUNT = sizeof SOURCES / sizeof *SOURCES };

static inline size_t source_bytes(size_t i) {
    return strcmp(SOURCES[i], "a") == 0 ? 3 : strlen(SOURCES[i]); /* "a\0b" holds a NUL */
}

#endif
