/* trees.h: sources, and between Module's brackets what CPython 3.11 prints of them: ast.dump(ast.parse(source)). */
#ifndef FE_TEST_TREES_H
#define FE_TEST_TREES_H

static const char *const TREES[][2] = {
    {"x = y = *a, b",
     "Assign(targets=[Name(id='x', ctx=Store()), Name(id='y', ctx=Store())], value=Tuple(elts=[Starred(value=Name(id"
     "='a', ctx=Load()), ctx=Load()), Name(id='b', ctx=Load())], ctx=Load()))"},
    {"x: int", "AnnAssign(target=Name(id='x', ctx=Store()), annotation=Name(id='int', ctx=Load()), simple=1)"},
    {"(x): int = yield",
     "AnnAssign(target=Name(id='x', ctx=Store()), annotation=Name(id='int', ctx=Load()), value=Yield(), simple=0)"},
    {"a.b: c = 1, 2",
     "AnnAssign(target=Attribute(value=Name(id='a', ctx=Load()), attr='b', ctx=Store()), annotation=Name(id='c', ctx"
     "=Load()), value=Tuple(elts=[Constant(value=1), Constant(value=2)], ctx=Load()), simple=0)"},
    {"x **= yield a",
     "AugAssign(target=Name(id='x', ctx=Store()), op=Pow(), value=Yield(value=Name(id='a', ctx=Load())))"},
    {"del a, (b, [c]), d[0],",
     "Delete(targets=[Name(id='a', ctx=Del()), Tuple(elts=[Name(id='b', ctx=Del()), List(elts=[Name(id='c', ctx=Del("
     "))], ctx=Del())], ctx=Del()), Subscript(value=Name(id='d', ctx=Load()), slice=Constant(value=0), ctx=Del())])"},
    {"return", "Return()"},
    {"raise a from b", "Raise(exc=Name(id='a', ctx=Load()), cause=Name(id='b', ctx=Load()))"},
    {"assert a, b", "Assert(test=Name(id='a', ctx=Load()), msg=Name(id='b', ctx=Load()))"},
    {"global a, b", "Global(names=['a', 'b'])"},
    {"import a . b as c, d", "Import(names=[alias(name='a.b', asname='c'), alias(name='d')])"},
    {"from ... a import (b as c, d,)",
     "ImportFrom(module='a', names=[alias(name='b', asname='c'), alias(name='d')], level=3)"},
    {"from . import *", "ImportFrom(names=[alias(name='*')], level=1)"},
    {"a; b;", "Expr(value=Name(id='a', ctx=Load())), Expr(value=Name(id='b', ctx=Load()))"},
    {"if a: b\nelif c: d\nelse: e",
     "If(test=Name(id='a', ctx=Load()), body=[Expr(value=Name(id='b', ctx=Load()))], orelse=[If(test=Name(id='c', ct"
     "x=Load()), body=[Expr(value=Name(id='d', ctx=Load()))], orelse=[Expr(value=Name(id='e', ctx=Load()))])])"},
    {"while (a := b): break\nelse: continue",
     "While(test=NamedExpr(target=Name(id='a', ctx=Store()), value=Name(id='b', ctx=Load())), body=[Break()], orelse"
     "=[Continue()])"},
    {"for a, *b in c, *d: e\nelse: f",
     "For(target=Tuple(elts=[Name(id='a', ctx=Store()), Starred(value=Name(id='b', ctx=Store()), ctx=Store())], ctx="
     "Store()), iter=Tuple(elts=[Name(id='c', ctx=Load()), Starred(value=Name(id='d', ctx=Load()), ctx=Load())], ctx"
     "=Load()), body=[Expr(value=Name(id='e', ctx=Load()))], orelse=[Expr(value=Name(id='f', ctx=Load()))])"},
    {"async for (a) in b: c",
     "AsyncFor(target=Name(id='a', ctx=Store()), iter=Name(id='b', ctx=Load()), body=[Expr(value=Name(id='c', ctx=Lo"
     "ad()))], orelse=[])"},
    {"with a as b, c: d",
     "With(items=[withitem(context_expr=Name(id='a', ctx=Load()), optional_vars=Name(id='b', ctx=Store())), withitem"
     "(context_expr=Name(id='c', ctx=Load()))], body=[Expr(value=Name(id='d', ctx=Load()))])"},
    {"with (a as b, c,): d",
     "With(items=[withitem(context_expr=Name(id='a', ctx=Load()), optional_vars=Name(id='b', ctx=Store())), withitem"
     "(context_expr=Name(id='c', ctx=Load()))], body=[Expr(value=Name(id='d', ctx=Load()))])"},
    {"with (a, b): c",
     "With(items=[withitem(context_expr=Name(id='a', ctx=Load())), withitem(context_expr=Name(id='b', ctx=Load()))],"
     " body=[Expr(value=Name(id='c', ctx=Load()))])"},
    {"with (a, b) as c: d",
     "With(items=[withitem(context_expr=Tuple(elts=[Name(id='a', ctx=Load()), Name(id='b', ctx=Load())], ctx=Load())"
     ", optional_vars=Name(id='c', ctx=Store()))], body=[Expr(value=Name(id='d', ctx=Load()))])"},
    {"with (a), b: c",
     "With(items=[withitem(context_expr=Name(id='a', ctx=Load())), withitem(context_expr=Name(id='b', ctx=Load()))],"
     " body=[Expr(value=Name(id='c', ctx=Load()))])"},
    {"with (lambda *a, **b: c, d): e",
     "With(items=[withitem(context_expr=Lambda(args=arguments(posonlyargs=[], args=[], vararg=arg(arg='a'), kwonlyar"
     "gs=[], kw_defaults=[], kwarg=arg(arg='b'), defaults=[]), body=Name(id='c', ctx=Load()))), withitem(context_exp"
     "r=Name(id='d', ctx=Load()))], body=[Expr(value=Name(id='e', ctx=Load()))])"},
    {"with (yield): a", "With(items=[withitem(context_expr=Yield())], body=[Expr(value=Name(id='a', ctx=Load()))])"},
    {"with (a := b): c",
     "With(items=[withitem(context_expr=NamedExpr(target=Name(id='a', ctx=Store()), value=Name(id='b', ctx=Load())))"
     "], body=[Expr(value=Name(id='c', ctx=Load()))])"},
    {"async with (a for a in b): c",
     "AsyncWith(items=[withitem(context_expr=GeneratorExp(elt=Name(id='a', ctx=Load()), generators=[comprehension(ta"
     "rget=Name(id='a', ctx=Store()), iter=Name(id='b', ctx=Load()), ifs=[], is_async=0)]))], body=[Expr(value=Name("
     "id='c', ctx=Load()))])"},
    {"try: a\nexcept b as c: d\nexcept: e\nelse: f\nfinally: g",
     "Try(body=[Expr(value=Name(id='a', ctx=Load()))], handlers=[ExceptHandler(type=Name(id='b', ctx=Load()), name='"
     "c', body=[Expr(value=Name(id='d', ctx=Load()))]), ExceptHandler(body=[Expr(value=Name(id='e', ctx=Load()))])],"
     " orelse=[Expr(value=Name(id='f', ctx=Load()))], finalbody=[Expr(value=Name(id='g', ctx=Load()))])"},
    {"try: a\nexcept* b: c",
     "TryStar(body=[Expr(value=Name(id='a', ctx=Load()))], handlers=[ExceptHandler(type=Name(id='b', ctx=Load()), bo"
     "dy=[Expr(value=Name(id='c', ctx=Load()))])], orelse=[], finalbody=[])"},
    {"@a\n@b.c(d)\nclass e(f, *g, h=i, **j): k",
     "ClassDef(name='e', bases=[Name(id='f', ctx=Load()), Starred(value=Name(id='g', ctx=Load()), ctx=Load())], keyw"
     "ords=[keyword(arg='h', value=Name(id='i', ctx=Load())), keyword(value=Name(id='j', ctx=Load()))], body=[Expr(v"
     "alue=Name(id='k', ctx=Load()))], decorator_list=[Name(id='a', ctx=Load()), Call(func=Attribute(value=Name(id='"
     "b', ctx=Load()), attr='c', ctx=Load()), args=[Name(id='d', ctx=Load())], keywords=[])])"},
    {"@a\nasync def f(a, b=1, /, c=2, *d: *e, f, g=3, **h: i) -> j: k",
     "AsyncFunctionDef(name='f', args=arguments(posonlyargs=[arg(arg='a'), arg(arg='b')], args=[arg(arg='c')], varar"
     "g=arg(arg='d', annotation=Starred(value=Name(id='e', ctx=Load()), ctx=Load())), kwonlyargs=[arg(arg='f'), arg("
     "arg='g')], kw_defaults=[None, Constant(value=3)], kwarg=arg(arg='h', annotation=Name(id='i', ctx=Load())), def"
     "aults=[Constant(value=1), Constant(value=2)]), body=[Expr(value=Name(id='k', ctx=Load()))], decorator_list=[Na"
     "me(id='a', ctx=Load())], returns=Name(id='j', ctx=Load()))"},
    {"lambda: a",
     "Expr(value=Lambda(args=arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[]), body=Na"
     "me(id='a', ctx=Load())))"},
    {"lambda a, b=c, /, *, d, e=f: (yield g)",
     "Expr(value=Lambda(args=arguments(posonlyargs=[arg(arg='a'), arg(arg='b')], args=[], kwonlyargs=[arg(arg='d'), "
     "arg(arg='e')], kw_defaults=[None, Name(id='f', ctx=Load())], defaults=[Name(id='c', ctx=Load())]), body=Yield("
     "value=Name(id='g', ctx=Load()))))"},
    {"lambda *a, **b: a if b else lambda: c",
     "Expr(value=Lambda(args=arguments(posonlyargs=[], args=[], vararg=arg(arg='a'), kwonlyargs=[], kw_defaults=[], "
     "kwarg=arg(arg='b'), defaults=[]), body=IfExp(test=Name(id='b', ctx=Load()), body=Name(id='a', ctx=Load()), ore"
     "lse=Lambda(args=arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[]), body=Name(id='"
     "c', ctx=Load())))))"},
    {"a or b and not c or d",
     "Expr(value=BoolOp(op=Or(), values=[Name(id='a', ctx=Load()), BoolOp(op=And(), values=[Name(id='b', ctx=Load())"
     ", UnaryOp(op=Not(), operand=Name(id='c', ctx=Load()))]), Name(id='d', ctx=Load())]))"},
    {"a < b == c not in d is not e",
     "Expr(value=Compare(left=Name(id='a', ctx=Load()), ops=[Lt(), Eq(), NotIn(), IsNot()], comparators=[Name(id='b'"
     ", ctx=Load()), Name(id='c', ctx=Load()), Name(id='d', ctx=Load()), Name(id='e', ctx=Load())]))"},
    {"-a ** -b ** c",
     "Expr(value=UnaryOp(op=USub(), operand=BinOp(left=Name(id='a', ctx=Load()), op=Pow(), right=UnaryOp(op=USub(), "
     "operand=BinOp(left=Name(id='b', ctx=Load()), op=Pow(), right=Name(id='c', ctx=Load()))))))"},
    {"a + b * c - d // e @ f",
     "Expr(value=BinOp(left=BinOp(left=Name(id='a', ctx=Load()), op=Add(), right=BinOp(left=Name(id='b', ctx=Load())"
     ", op=Mult(), right=Name(id='c', ctx=Load()))), op=Sub(), right=BinOp(left=BinOp(left=Name(id='d', ctx=Load()),"
     " op=FloorDiv(), right=Name(id='e', ctx=Load())), op=MatMult(), right=Name(id='f', ctx=Load()))))"},
    {"a | b ^ c & d << e",
     "Expr(value=BinOp(left=Name(id='a', ctx=Load()), op=BitOr(), right=BinOp(left=Name(id='b', ctx=Load()), op=BitX"
     "or(), right=BinOp(left=Name(id='c', ctx=Load()), op=BitAnd(), right=BinOp(left=Name(id='d', ctx=Load()), op=LS"
     "hift(), right=Name(id='e', ctx=Load()))))))"},
    {"await a.b(c)[d] ** e",
     "Expr(value=BinOp(left=Await(value=Subscript(value=Call(func=Attribute(value=Name(id='a', ctx=Load()), attr='b'"
     ", ctx=Load()), args=[Name(id='c', ctx=Load())], keywords=[]), slice=Name(id='d', ctx=Load()), ctx=Load())), op"
     "=Pow(), right=Name(id='e', ctx=Load())))"},
    {"not a in b",
     "Expr(value=UnaryOp(op=Not(), operand=Compare(left=Name(id='a', ctx=Load()), ops=[In()], comparators=[Name(id='"
     "b', ctx=Load())])))"},
    {"f(a, *b, c=d, *e, **g, h=i)",
     "Expr(value=Call(func=Name(id='f', ctx=Load()), args=[Name(id='a', ctx=Load()), Starred(value=Name(id='b', ctx="
     "Load()), ctx=Load()), Starred(value=Name(id='e', ctx=Load()), ctx=Load())], keywords=[keyword(arg='c', value=N"
     "ame(id='d', ctx=Load())), keyword(value=Name(id='g', ctx=Load())), keyword(arg='h', value=Name(id='i', ctx=Loa"
     "d()))]))"},
    {"f(a for a in b)",
     "Expr(value=Call(func=Name(id='f', ctx=Load()), args=[GeneratorExp(elt=Name(id='a', ctx=Load()), generators=[co"
     "mprehension(target=Name(id='a', ctx=Store()), iter=Name(id='b', ctx=Load()), ifs=[], is_async=0)])], keywords="
     "[]))"},
    {"f(a := b)",
     "Expr(value=Call(func=Name(id='f', ctx=Load()), args=[NamedExpr(target=Name(id='a', ctx=Store()), value=Name(id"
     "='b', ctx=Load()))], keywords=[]))"},
    {"f((a for a in b), c)",
     "Expr(value=Call(func=Name(id='f', ctx=Load()), args=[GeneratorExp(elt=Name(id='a', ctx=Load()), generators=[co"
     "mprehension(target=Name(id='a', ctx=Store()), iter=Name(id='b', ctx=Load()), ifs=[], is_async=0)]), Name(id='c"
     "', ctx=Load())], keywords=[]))"},
    {"x[a:b, c::d, *e, f := g]",
     "Expr(value=Subscript(value=Name(id='x', ctx=Load()), slice=Tuple(elts=[Slice(lower=Name(id='a', ctx=Load()), u"
     "pper=Name(id='b', ctx=Load())), Slice(lower=Name(id='c', ctx=Load()), step=Name(id='d', ctx=Load())), Starred("
     "value=Name(id='e', ctx=Load()), ctx=Load()), NamedExpr(target=Name(id='f', ctx=Store()), value=Name(id='g', ct"
     "x=Load()))], ctx=Load()), ctx=Load()))"},
    {"x[:]", "Expr(value=Subscript(value=Name(id='x', ctx=Load()), slice=Slice(), ctx=Load()))"},
    {"x[a:b:c]",
     "Expr(value=Subscript(value=Name(id='x', ctx=Load()), slice=Slice(lower=Name(id='a', ctx=Load()), upper=Name(id"
     "='b', ctx=Load()), step=Name(id='c', ctx=Load())), ctx=Load()))"},
    {"x[*a]",
     "Expr(value=Subscript(value=Name(id='x', ctx=Load()), slice=Tuple(elts=[Starred(value=Name(id='a', ctx=Load()),"
     " ctx=Load())], ctx=Load()), ctx=Load()))"},
    {"()", "Expr(value=Tuple(elts=[], ctx=Load()))"},
    {"(a,)", "Expr(value=Tuple(elts=[Name(id='a', ctx=Load())], ctx=Load()))"},
    {"(*a, b)",
     "Expr(value=Tuple(elts=[Starred(value=Name(id='a', ctx=Load()), ctx=Load()), Name(id='b', ctx=Load())], ctx=Loa"
     "d()))"},
    {"[]", "Expr(value=List(elts=[], ctx=Load()))"},
    {"[*a]", "Expr(value=List(elts=[Starred(value=Name(id='a', ctx=Load()), ctx=Load())], ctx=Load()))"},
    {"{}", "Expr(value=Dict(keys=[], values=[]))"},
    {"{a, *b}",
     "Expr(value=Set(elts=[Name(id='a', ctx=Load()), Starred(value=Name(id='b', ctx=Load()), ctx=Load())]))"},
    {"{a: b, **c}",
     "Expr(value=Dict(keys=[Name(id='a', ctx=Load()), None], values=[Name(id='b', ctx=Load()), Name(id='c', ctx=Load"
     "())]))"},
    {"[a async for b, c in d if e if f for g in h]",
     "Expr(value=ListComp(elt=Name(id='a', ctx=Load()), generators=[comprehension(target=Tuple(elts=[Name(id='b', ct"
     "x=Store()), Name(id='c', ctx=Store())], ctx=Store()), iter=Name(id='d', ctx=Load()), ifs=[Name(id='e', ctx=Loa"
     "d()), Name(id='f', ctx=Load())], is_async=1), comprehension(target=Name(id='g', ctx=Store()), iter=Name(id='h'"
     ", ctx=Load()), ifs=[], is_async=0)]))"},
    {"{a for b in c}",
     "Expr(value=SetComp(elt=Name(id='a', ctx=Load()), generators=[comprehension(target=Name(id='b', ctx=Store()), i"
     "ter=Name(id='c', ctx=Load()), ifs=[], is_async=0)]))"},
    {"{a: b for c in d}",
     "Expr(value=DictComp(key=Name(id='a', ctx=Load()), value=Name(id='b', ctx=Load()), generators=[comprehension(ta"
     "rget=Name(id='c', ctx=Store()), iter=Name(id='d', ctx=Load()), ifs=[], is_async=0)]))"},
    {"(yield)", "Expr(value=Yield())"},
    {"(yield a, b)",
     "Expr(value=Yield(value=Tuple(elts=[Name(id='a', ctx=Load()), Name(id='b', ctx=Load())], ctx=Load())))"},
    {"(yield from a)", "Expr(value=YieldFrom(value=Name(id='a', ctx=Load())))"},
    {"1, 2j, 'a' 'b', b'c', None, ...",
     "Expr(value=Tuple(elts=[Constant(value=1), Constant(value=2j), Constant(value='ab'), Constant(value=b'c'), Cons"
     "tant(value=None), Constant(value=Ellipsis)], ctx=Load()))"},
    {"f'{a, b!r:{c}}'",
     "Expr(value=JoinedStr(values=[FormattedValue(value=Tuple(elts=[Name(id='a', ctx=Load()), Name(id='b', ctx=Load("
     "))], ctx=Load()), conversion=114, format_spec=JoinedStr(values=[FormattedValue(value=Name(id='c', ctx=Load()),"
     " conversion=-1)]))]))"},
    {"match a:\n case 1 | -2 | -3-4j | 'a' | None | b.c: d",
     "Match(subject=Name(id='a', ctx=Load()), cases=[match_case(pattern=MatchOr(patterns=[MatchValue(value=Constant("
     "value=1)), MatchValue(value=UnaryOp(op=USub(), operand=Constant(value=2))), MatchValue(value=BinOp(left=UnaryO"
     "p(op=USub(), operand=Constant(value=3)), op=Sub(), right=Constant(value=4j))), MatchValue(value=Constant(value"
     "='a')), MatchSingleton(value=None), MatchValue(value=Attribute(value=Name(id='b', ctx=Load()), attr='c', ctx=L"
     "oad()))]), body=[Expr(value=Name(id='d', ctx=Load()))])])"},
    {"match a, b:\n case [c, *_], *d: e\n case (f) as g if h: i\n case (): j",
     "Match(subject=Tuple(elts=[Name(id='a', ctx=Load()), Name(id='b', ctx=Load())], ctx=Load()), cases=[match_case("
     "pattern=MatchSequence(patterns=[MatchSequence(patterns=[MatchAs(name='c'), MatchStar()]), MatchStar(name='d')]"
     "), body=[Expr(value=Name(id='e', ctx=Load()))]), match_case(pattern=MatchAs(pattern=MatchAs(name='f'), name='g"
     "'), guard=Name(id='h', ctx=Load()), body=[Expr(value=Name(id='i', ctx=Load()))]), match_case(pattern=MatchSequ"
     "ence(patterns=[]), body=[Expr(value=Name(id='j', ctx=Load()))])])"},
    {"match *a, b:\n case {'a': c, d.e: _, **f}: g\n case A.b(c, d=e) if f: g",
     "Match(subject=Tuple(elts=[Starred(value=Name(id='a', ctx=Load()), ctx=Load()), Name(id='b', ctx=Load())], ctx="
     "Load()), cases=[match_case(pattern=MatchMapping(keys=[Constant(value='a'), Attribute(value=Name(id='d', ctx=Lo"
     "ad()), attr='e', ctx=Load())], patterns=[MatchAs(name='c'), MatchAs()], rest='f'), body=[Expr(value=Name(id='g"
     "', ctx=Load()))]), match_case(pattern=MatchClass(cls=Attribute(value=Name(id='A', ctx=Load()), attr='b', ctx=L"
     "oad()), patterns=[MatchAs(name='c')], kwd_attrs=['d'], kwd_patterns=[MatchAs(name='e')]), guard=Name(id='f', c"
     "tx=Load()), body=[Expr(value=Name(id='g', ctx=Load()))])])"},
    {"match a:\n case A(b, c.d(), e=f,) | {}: g",
     "Match(subject=Name(id='a', ctx=Load()), cases=[match_case(pattern=MatchOr(patterns=[MatchClass(cls=Name(id='A'"
     ", ctx=Load()), patterns=[MatchAs(name='b'), MatchClass(cls=Attribute(value=Name(id='c', ctx=Load()), attr='d',"
     " ctx=Load()), patterns=[], kwd_attrs=[], kwd_patterns=[])], kwd_attrs=['e'], kwd_patterns=[MatchAs(name='f')])"
     ", MatchMapping(keys=[], patterns=[])]), body=[Expr(value=Name(id='g', ctx=Load()))])])"},
    {"match = case\nmatch(a)\nmatch[a] = type\nmatch * a, _\nmatch: case",
     "Assign(targets=[Name(id='match', ctx=Store())], value=Name(id='case', ctx=Load())), Expr(value=Call(func=Name("
     "id='match', ctx=Load()), args=[Name(id='a', ctx=Load())], keywords=[])), Assign(targets=[Subscript(value=Name("
     "id='match', ctx=Load()), slice=Name(id='a', ctx=Load()), ctx=Store())], value=Name(id='type', ctx=Load())), Ex"
     "pr(value=Tuple(elts=[BinOp(left=Name(id='match', ctx=Load()), op=Mult(), right=Name(id='a', ctx=Load())), Name"
     "(id='_', ctx=Load())], ctx=Load())), AnnAssign(target=Name(id='match', ctx=Store()), annotation=Name(id='case'"
     ", ctx=Load()), simple=1)"},
};

#endif
