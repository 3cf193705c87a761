"""Random programs, grown from the grammar of a version of Python: what no real source happens to hold. Most parse."""

import random
from collections.abc import Callable, Iterator
from typing import Final

DEPTH: Final = 5
_NAMES: Final = ("a", "b", "x1", "_", "__p", "match", "case", "type", "é", "名", "self", "print", "lazy", "ﬁ", "super")
_PATTERN_NAMES: Final = ("a", "b", "x1", "__p", "match", "case", "type", "é", "self")
_NUMBERS: Final = (
    "0", "7", "10_000", "0x_fF", "0B10", "0o17", "00", "1.", ".5", "1e3", "1_0.0_1E-5", "3j", "1e1J", "0777.5",
    "9" * 30,
    "0xffffffffffffffffffff", "1.7976931348623157e308", "5e-324", "1e400",
)  # fmt: skip
_STRINGS: Final = (
    "''", '"a"', "'it\\'s'", '"\\x41\\n"', "r'\\d'", "b'\\xff'", "rb'\\d'", "u'u'", "'''a\n b'''", '"""q"q"""',
    "'é\\u00e9'",
    "'\\N{BULLET}'", "'\\ud800'", "b''", "'\\\n'", "Rb\"x\"", "'\\07\\q'", "'%s {}'", "U'U'", "'\t'",
)  # fmt: skip
_BINARY: Final = ("+", "-", "*", "/", "//", "%", "@", "**", "<<", ">>", "&", "|", "^")
_COMPARED: Final = ("<", ">", "==", "!=", "<=", ">=", "in", "not in", "is", "is not")
_AUGMENTED: Final = ("+=", "-=", "*=", "/=", "//=", "%=", "@=", "**=", "<<=", ">>=", "&=", "|=", "^=")


def programs(minor: int, count: int, seed: int) -> Iterator[bytes]:
    """Random programs of Python 3.minor; the same arguments give the same.

    Args:
        minor: Of the grammar.
        count: How many.
        seed: Of every choice.
    """
    draw = random.Random(f"{seed} programs {minor}")
    for _ in range(count):
        text = _Growth(draw, minor).program()
        yield text.encode("utf-8", "surrogatepass")


class _Growth:
    """One program. Every method returns source text; `d` is the depth that is left."""

    def __init__(self, draw: random.Random, minor: int) -> None:
        self.draw, self.minor = draw, minor
        self.random, self.choice = draw.random, draw.choice
        self.unit = draw.choice(("    ", "  ", "\t", " "))

    def program(self) -> str:
        return self.statements("", self.draw.randrange(1, 5), self.draw.randrange(1, DEPTH + 1))

    def many(self, make: Callable[[], str], least: int = 0, most: int = 3, joint: str = ", ") -> str:
        return joint.join(make() for _ in range(self.draw.randint(least, most)))

    def maybe(self, make: Callable[[], str], chance: float = 0.4) -> str:
        return make() if self.random() < chance else ""

    # ---- statements ----

    def statements(self, indent: str, count: int, d: int) -> str:
        return "".join(self.statement(indent, d) for _ in range(max(count, 1)))

    def block(self, indent: str, d: int) -> str:
        if d <= 0 or self.random() < 0.15:
            return " " + self.many(lambda: self.simple(0), 1, 2, "; ") + "\n"
        comment = self.maybe(lambda: f"{indent}{self.unit}# c\n", 0.1)
        return "\n" + comment + self.statements(indent + self.unit, self.draw.randrange(1, 3), d - 1)

    def statement(self, indent: str, d: int) -> str:
        if d <= 0 or self.random() < 0.5:
            return indent + self.many(lambda: self.simple(d), 1, 2, "; ") + self.choice(("\n", "\n", ";\n", " # c\n"))
        return self.choice(
            (self.if_, self.while_, self.for_, self.try_, self.with_, self.function, self.class_, self.match)
        )(indent, d - 1)

    def if_(self, i: str, d: int) -> str:
        text = f"{i}if {self.named(d)}:{self.block(i, d)}"
        text += "".join(f"{i}elif {self.named(d)}:{self.block(i, d)}" for _ in range(self.draw.randrange(3)))
        return text + self.maybe(lambda: f"{i}else:{self.block(i, d)}")

    def while_(self, i: str, d: int) -> str:
        return f"{i}while {self.named(d)}:{self.block(i, d)}" + self.maybe(lambda: f"{i}else:{self.block(i, d)}")

    def for_(self, i: str, d: int) -> str:
        head = f"{i}{self.maybe(lambda: 'async ', 0.2)}for {self.targets(d)} in {self.stars(d)}:{self.block(i, d)}"
        return head + self.maybe(lambda: f"{i}else:{self.block(i, d)}", 0.3)

    def try_(self, i: str, d: int) -> str:
        star = self.maybe(lambda: "*", 0.2)
        text = f"{i}try:{self.block(i, d)}"
        handlers = self.draw.randrange(3)
        for number in range(handlers):
            what = f" {self.expression(d)}" + self.maybe(lambda: f" as {self.name()}")
            if self.minor >= 14 and self.random() < 0.3:
                what = " " + self.many(lambda: self.expression(d), 2, 3)
            if not star and number == handlers - 1 and self.random() < 0.3:
                what = ""
            text += f"{i}except{star}{what}:{self.block(i, d)}"
        if handlers:
            text += self.maybe(lambda: f"{i}else:{self.block(i, d)}", 0.3)
        if not handlers or self.random() < 0.3:
            text += f"{i}finally:{self.block(i, d)}"
        return text

    def with_(self, i: str, d: int) -> str:
        items = self.many(lambda: self.expression(d) + self.maybe(lambda: f" as {self.target(d)}"), 1, 3)
        if self.random() < 0.3:
            items = f"({items}{self.maybe(lambda: ',')})"
        return f"{i}{self.maybe(lambda: 'async ', 0.2)}with {items}:{self.block(i, d)}"

    def decorators(self, i: str, d: int) -> str:
        return "".join(f"{i}@{self.named(d)}\n" for _ in range(self.draw.choice((0, 0, 0, 1, 2))))

    def function(self, i: str, d: int) -> str:
        returns = self.maybe(lambda: f" -> {self.expression(d)}")
        head = (
            f"{self.maybe(lambda: 'async ', 0.2)}def {self.name()}{self.type_parameters(d)}({self.parameters(d, True)})"
        )
        return f"{self.decorators(i, d)}{i}{head}{returns}:{self.block(i, d)}"

    def class_(self, i: str, d: int) -> str:
        bases = self.maybe(lambda: f"({self.arguments(d, False)})")
        return f"{self.decorators(i, d)}{i}class {self.name()}{self.type_parameters(d)}{bases}:{self.block(i, d)}"

    def type_parameters(self, d: int) -> str:
        if self.minor < 12 or self.random() < 0.7:
            return ""
        return f"[{self.many(lambda: self.type_parameter(d), 1, 3)}{self.maybe(lambda: ',', 0.2)}]"

    def type_parameter(self, d: int) -> str:
        star = self.choice(("", "", "*", "**"))
        text = f"{star}{self.name()}" + ("" if star else self.maybe(lambda: f": {self.expression(d)}"))
        if self.minor >= 13:
            text += self.maybe(lambda: f" = {self.starred(d) if star == '*' else self.expression(d)}", 0.3)
        return text

    def match(self, i: str, d: int) -> str:
        inner = i + self.unit
        text = f"{i}match {self.choice((self.named, self.starred_list))(d)}:\n"
        for _ in range(self.draw.randrange(1, 3)):
            pattern = self.choice((self.pattern, self.pattern, self.open_sequence))(d)
            guard = self.maybe(lambda: f" if {self.named(d)}", 0.3)
            text += f"{inner}case {pattern}{guard}:{self.block(inner, d)}"
        return text

    def starred_list(self, d: int) -> str:
        return f"{self.many(lambda: self.starred(d), 1, 2)},"

    def open_sequence(self, d: int) -> str:
        return f"{self.many(lambda: self.maybe_star_pattern(d), 1, 3)},"

    def maybe_star_pattern(self, d: int) -> str:
        return f"*{self.choice(('_', *_PATTERN_NAMES))}" if self.random() < 0.2 else self.pattern(d)

    def pattern(self, d: int) -> str:
        text = self.closed_pattern(d)
        if self.random() < 0.15:
            text = f"{text} | {self.closed_pattern(d)}"
        return text + self.maybe(lambda: f" as {self.choice(_PATTERN_NAMES)}", 0.15)

    def closed_pattern(self, d: int) -> str:
        if d <= 0:
            return self.choice((
                "_", "a", "None", "True", "'s'", "-1", "1+2j", "-1.5 - 3J", "a.b", "x.y.z", "b'' b'x'", "'a' 'b'",
            ))  # fmt: skip
        d -= 1
        kind = self.draw.randrange(5)
        if kind == 0:
            return f"[{self.many(lambda: self.maybe_star_pattern(d))}]"
        if kind == 1:
            return f"({self.many(lambda: self.maybe_star_pattern(d), 2)})"
        if kind == 2:
            keys = self.many(lambda: f"{self.choice(('1', repr('k'), 'a.b', 'None', '-2'))}: {self.pattern(d)}", 0, 2)
            return f"{{{keys}{self.maybe(lambda: (', ' if keys else '') + '**rest', 0.3)}}}"
        if kind == 3:
            positional = self.many(lambda: self.pattern(d), 0, 2)
            named = self.many(lambda: f"{self.choice(('k', 'match', 'b'))}={self.pattern(d)}", 0, 2)
            return f"{self.choice(('A', 'a.B'))}({', '.join(filter(None, (positional, named)))})"
        return f"({self.pattern(d)})"

    def simple(self, d: int) -> str:
        d = max(d - 1, 0)
        return self.choice((
            lambda: self.stars(d), lambda: self.stars(d), lambda: self.assignment(d), lambda: self.assignment(d),
            lambda: f"{self.single(d)} {self.choice(_AUGMENTED)} {self.value(d)}",
            lambda: f"{self.single(d)}: {self.expression(d)}" + self.maybe(lambda: f" = {self.value(d)}"),
            lambda: self.choice(("pass", "break", "continue", "...")),
            lambda: f"return{self.maybe(lambda: ' ' + self.stars(d))}",
            lambda: f"raise{self.maybe(lambda: f' {self.expression(d)}{self.maybe(lambda: self.cause(d))}')}",
            lambda: f"assert {self.expression(d)}" + self.maybe(lambda: f", {self.expression(d)}"),
            lambda: f"del {self.many(lambda: self.single(d), 1, 3)}{self.maybe(lambda: ',', 0.2)}",
            lambda: f"{self.choice(('global', 'nonlocal'))} {self.many(self.name, 1, 3)}",
            lambda: f"import {self.many(lambda: self.dotted() + self.maybe(lambda: f' as {self.name()}'), 1, 2)}",
            self.from_,
            self.type_alias if self.minor >= 12 else lambda: self.stars(d),
        ))()  # fmt: skip

    def cause(self, d: int) -> str:
        return f" from {self.expression(d)}"

    def from_(self) -> str:
        module = self.choice((".", "..", "...", "....", ". a", "a.b", ".a.b", "a", "...a"))
        names = self.many(lambda: self.name() + self.maybe(lambda: f" as {self.name()}"), 1, 3)
        return f"from {module} import {self.choice(('*', names, f'({names})', f'({names},)'))}"

    def type_alias(self) -> str:
        return f"type {self.name()}{self.type_parameters(1)} = {self.expression(1)}"

    def dotted(self) -> str:
        return self.many(self.name, 1, 3, self.choice((".", ".", " . ")))

    def assignment(self, d: int) -> str:
        return "".join(f"{self.targets(d)} = " for _ in range(self.draw.randrange(1, 3))) + self.value(d)

    def value(self, d: int) -> str:
        return self.yield_(d) if self.random() < 0.1 else self.stars(d)

    def yield_(self, d: int) -> str:
        return f"yield{self.choice(('', f' {self.stars(d)}', f' from {self.expression(d)}'))}"

    # ---- targets ----

    def single(self, d: int) -> str:
        if d <= 0:
            return self.name()
        return self.choice(
            (self.name(), f"{self.primary(d - 1)}.{self.name()}", f"{self.primary(d - 1)}[{self.slices(d - 1)}]")
        )

    def target(self, d: int) -> str:
        if d <= 0 or self.random() < 0.7:
            return self.single(d)
        inner = self.many(lambda: self.maybe(lambda: "*", 0.1) + self.target(d - 1), 1, 3)
        return self.choice((f"({inner},)", f"[{inner}]", "[]", f"({self.single(d - 1)})"))

    def targets(self, d: int) -> str:
        return self.target(d) if self.random() < 0.7 else f"{self.many(lambda: self.target(d), 1, 3)},"

    # ---- expressions ----

    def name(self) -> str:
        return self.choice(_NAMES)

    def stars(self, d: int) -> str:
        if self.random() < 0.75:
            return self.expression(d)
        return f"{self.many(lambda: self.choice((self.expression, self.starred))(d), 1, 3)},"

    def starred(self, d: int) -> str:
        return f"*{self.binary(d)}"

    def named(self, d: int) -> str:
        return f"({self.name()} := {self.expression(d)})" if self.random() < 0.1 else self.expression(d)

    def expression(self, d: int) -> str:
        if d <= 0:
            return self.atom(0)
        kind = self.random()
        d -= 1
        if kind < 0.06:
            return f"lambda {self.parameters(d, False)}: {self.expression(d)}"
        if kind < 0.12:
            return f"{self.boolean(d)} if {self.boolean(d)} else {self.expression(d)}"
        return self.boolean(d)

    def boolean(self, d: int) -> str:
        kind = self.random()
        if d <= 0 or kind < 0.6:
            return self.binary(d)
        if kind < 0.7:
            return f"not {self.boolean(d - 1)}"
        if kind < 0.85:
            return self.many(lambda: self.compared(d - 1), 2, 3, self.choice((" and ", " or ")))
        return self.compared(d)

    def compared(self, d: int) -> str:
        return self.binary(d) + "".join(
            f" {self.choice(_COMPARED)} {self.binary(d - 1)}" for _ in range(self.draw.randrange(1, 3))
        )

    def binary(self, d: int) -> str:
        if d <= 0 or self.random() < 0.5:
            return self.unary(d)
        space = self.choice((" ", " ", ""))
        return f"{self.binary(d - 1)}{space}{self.choice(_BINARY)}{space}{self.unary(d - 1)}"

    def unary(self, d: int) -> str:
        if d > 0 and self.random() < 0.15:
            return f"{self.choice('-+~')}{self.unary(d - 1)}"
        return f"await {self.primary(d)}" if self.random() < 0.04 else self.primary(d)

    def primary(self, d: int) -> str:
        if d <= 0 or self.random() < 0.4:
            text = self.atom(d)
            return f"({text})" if text[0] in "0123456789" else text
        d -= 1
        inner = self.primary(d)
        return self.choice((
            lambda: f"{inner}.{self.name()}", lambda: f"{inner}({self.arguments(d, True)})",
            lambda: f"{inner}[{self.slices(d)}]",
            lambda: f"{inner}({self.expression(d)} {self.clauses(d)})", lambda: f"{inner} . {self.name()}",
        ))()  # fmt: skip

    def slices(self, d: int) -> str:
        if self.random() < 0.6:
            return self.slice(d)
        return self.many(lambda: self.choice((self.slice, self.starred))(d), 1, 3) + self.choice((",", ""))

    def slice(self, d: int) -> str:
        if self.random() < 0.6:
            return self.named(d)
        step = self.maybe(lambda: f":{self.maybe(lambda: self.expression(d))}")
        return f"{self.maybe(lambda: self.expression(d))}:{self.maybe(lambda: self.expression(d))}{step}"

    def arguments(self, d: int, unpack: bool) -> str:
        positional = [self.choice((self.named, self.named, self.starred))(d) for _ in range(self.draw.randrange(3))]
        keywords = [f"{self.name()}={self.expression(d)}" for _ in range(self.draw.randrange(2))]
        if self.random() < 0.2:
            keywords.append(f"**{self.expression(d)}")
        if unpack and keywords and not keywords[-1].startswith("**") and self.random() < 0.1:
            keywords.append(self.starred(d))
        both = positional + keywords
        return ", ".join(both) + self.maybe(lambda: "," if both else "", 0.1)

    def parameters(self, d: int, annotated: bool) -> str:
        def one(default: bool) -> str:
            text = self.name() + (self.maybe(lambda: f": {self.expression(d)}", 0.3) if annotated else "")
            return text + (f"={self.expression(d)}" if default else "")

        parts = [one(False) for _ in range(self.draw.randrange(3))]
        parts += [one(True) for _ in range(self.draw.randrange(2))]
        if parts and self.random() < 0.2:
            parts.insert(self.draw.randrange(1, len(parts) + 1), "/")
        if self.random() < 0.3:
            star = self.maybe(self.name, 0.5)
            if star and annotated:
                star += self.choice(("", f": {self.expression(d)}", f": {self.starred(d)}"))
            named = [one(self.random() < 0.5) for _ in range(self.draw.randrange(0 if star else 1, 3))]
            parts += [f"*{star}", *named]
        if self.random() < 0.2:
            parts.append(f"**{self.name()}")
        return ", ".join(parts) + (self.maybe(lambda: ",", 0.1) if parts else "")

    def clauses(self, d: int) -> str:
        def clause() -> str:
            ifs = "".join(f" if {self.boolean(d)}" for _ in range(self.draw.choice((0, 0, 1, 2))))
            return f"{self.maybe(lambda: 'async ', 0.1)}for {self.targets(d)} in {self.boolean(d)}{ifs}"

        return self.many(clause, 1, 2, " ")

    def atom(self, d: int) -> str:
        kind = self.random()
        if d <= 0 or kind < 0.35:
            if kind < 0.6 or d > 0:
                return self.name()
            return self.choice(
                (lambda: self.choice(_NUMBERS), self.strings, lambda: self.choice(("None", "True", "False", "...")))
            )()
        d -= 1
        return self.choice((
            self.strings, self.strings, lambda: self.choice(_NUMBERS), lambda: self.formatted(d),
            lambda: self.formatted(d),
            lambda: f"({self.choice((self.stars, self.named, self.yield_))(d)})",
            lambda: f"({self.named(d)} {self.clauses(d)})",
            lambda: f"[{self.many(lambda: self.element(d))}]", lambda: f"[{self.named(d)} {self.clauses(d)}]",
            lambda: f"{{{self.many(lambda: self.element(d), 1)}}}", lambda: f"{{{self.named(d)} {self.clauses(d)}}}",
            lambda: f"{{{self.many(lambda: self.pair(d))}{self.maybe(lambda: ' ')}}}",
            lambda: f"{{{self.expression(d)}: {self.expression(d)} {self.clauses(d)}}}",
            lambda: f"(\n{self.expression(d)} # c\n)", lambda: "()",
        ))()  # fmt: skip

    def element(self, d: int) -> str:
        return self.choice((self.named, self.named, self.starred))(d)

    def pair(self, d: int) -> str:
        return f"**{self.binary(d)}" if self.random() < 0.2 else f"{self.expression(d)}: {self.expression(d)}"

    def strings(self) -> str:
        first = self.choice(_STRINGS)
        if self.random() < 0.7:
            return first
        is_bytes = "b" in first[:2].lower()
        alike = [one for one in _STRINGS if ("b" in one[:2].lower().split("'")[0].split('"')[0]) == is_bytes]
        if "b" in first.split("'")[0].split('"')[0].lower():
            alike = [one for one in alike if "b" in one.split("'")[0].split('"')[0].lower()]
        else:
            alike = [one for one in _STRINGS if "b" not in one.split("'")[0].split('"')[0].lower()]
        return f"{first} {self.many(lambda: self.choice(alike), 1, 2, ' ')}"

    # ---- f-strings ----

    def formatted(self, d: int, quotes: tuple[str, ...] = ("'", '"', "'''", '"""')) -> str:
        quote = self.choice(quotes)
        prefix = self.choice(("f", "f", "F", "rf", "fR", "Rf"))
        if self.minor >= 14 and self.random() < 0.3:
            prefix = self.choice(("t", "T", "rt", "tR"))
        raw = "r" in prefix.lower()
        other = (
            tuple(one for one in ("'", '"', "'''", '"""') if one[0] != quote[0])
            if self.minor < 12
            else ("'", '"', "'''", '"""')
        )
        parts = [self.part(d, quote, other, raw) for _ in range(self.draw.randrange(5))]
        text = f"{prefix}{quote}{''.join(parts)}{quote}"
        if self.random() < 0.2:
            plain = [one for one in _STRINGS if "b" not in one.split("'")[0].split('"')[0].lower()]
            first, second = (text, self.choice(plain)) if self.random() < 0.5 else (self.choice(plain), text)
            if "t" not in prefix.lower():
                text = f"{first} {second}"
        return text

    def part(self, d: int, quote: str, other: tuple[str, ...], raw: bool) -> str:
        if self.random() < 0.5:
            words = [
                "a",
                " b ",
                "{{",
                "}}",
                "é",
                "{{}}",
                "\\N{EN DASH}" if not raw else "n",
                "\\x41" if not raw else "\\d",
                "%",
                ":",
                "!",
                "=",
            ]
            if len(quote) == 3:
                words += ["\n", "\n\n", "q'" if quote[0] == '"' else 'q"', "\\\n"]
            return self.choice(words)
        return self.field(d, quote, other, 1)

    def field(self, d: int, quote: str, other: tuple[str, ...], formats: int) -> str:
        inner = self.field_expression(d, quote, other)
        space = self.choice(("", "", " "))
        debug = self.maybe(lambda: self.choice(("=", " = ", "= ")), 0.2)
        conversion = self.maybe(lambda: f"!{self.choice('rsa')}", 0.25)
        spec = ""
        if self.random() < 0.3:
            spec = ":" + self.choice((">10", "", "x", ".2f", "%H", "a b", "^", "!r", "=", "<3"))
            if formats:
                spec += self.maybe(
                    lambda: self.field(
                        d - 1, quote, other, formats - 1 if self.minor < 12 else formats - self.draw.randrange(2)
                    )
                )
        return f"{{{space}{inner}{space if not debug else ''}{debug}{conversion}{spec}}}"

    def field_expression(self, d: int, quote: str, other: tuple[str, ...]) -> str:
        if self.minor >= 12:
            kind = self.random()
            if kind < 0.2:
                text = self.formatted(d - 1, other) if d > 0 else "a"
            elif kind < 0.4:
                text = f"({self.expression(d)})"
            elif kind < 0.5:
                text = f"[{self.choice(_STRINGS)}, {self.name()}]" if self.random() < 0.6 else "(a # c\n)"
            else:
                text = self.boolean(min(d, 1))
            fits = len(quote) == 3 or self.minor >= 12
            return f" {text}" if text.startswith("{") else text if fits else self.name()
        for _ in range(3):
            text = self.choice(
                (self.name(), f"({self.expression(min(d, 2))})", self.boolean(min(d, 1)), f"[{self.name()}]")
            )
            if not any(c in text for c in "\\#") and quote[0] not in text and ("\n" not in text or len(quote) == 3):
                return f" {text}" if text.startswith("{") else text
        return self.name()
