/* dumps.h: sources and what CPython 3.11 prints of them: ast.dump(ast.parse(source), include_attributes=True). */
#ifndef FE_TEST_DUMPS_H
#define FE_TEST_DUMPS_H

static const char *const DUMPS[][2] = {
    {"", "Module(body=[], type_ignores=[])"},
    {"x", "Module(body=[Expr(value=Name(id='x', ctx=Load(), lineno=1, col_offset=0, end_lineno=1, end_col_offset=1"
          "), lineno=1, col_offset=0, end_lineno=1, end_col_offset=1)], type_ignores=[])"},
    {"pass", "Module(body=[Pass(lineno=1, col_offset=0, end_lineno=1, end_col_offset=4)], type_ignores=[])"},
    {"return_ = None",
     "Module(body=[Assign(targets=[Name(id='return_', ctx=Store(), lineno=1, col_offset=0, end_lineno=1, end_"
     "col_offset=7)], value=Constant(value=None, lineno=1, col_offset=10, end_lineno=1, end_col_offset=14), l"
     "ineno=1, col_offset=0, end_lineno=1, end_col_offset=14)], type_ignores=[])"},
    {"def f():\n return",
     "Module(body=[FunctionDef(name='f', args=arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=["
     "], defaults=[]), body=[Return(lineno=2, col_offset=1, end_lineno=2, end_col_offset=7)], decorator_list="
     "[], lineno=1, col_offset=0, end_lineno=2, end_col_offset=7)], type_ignores=[])"},
    {"x = 1, 'a', \"it's\", '\"', \"\", b'b', ..., True, 1.5, 2j, 0x10",
     "Module(body=[Assign(targets=[Name(id='x', ctx=Store(), lineno=1, col_offset=0, end_lineno=1, end_col_of"
     "fset=1)], value=Tuple(elts=[Constant(value=1, lineno=1, col_offset=4, end_lineno=1, end_col_offset=5), "
     "Constant(value='a', lineno=1, col_offset=7, end_lineno=1, end_col_offset=10), Constant(value=\"it's"
     "\", lineno=1, col_offset=12, end_lineno=1, end_col_offset=18), Constant(value='\"', lineno=1, col_offse"
     "t=20, end_lineno=1, end_col_offset=23), Constant(value='', lineno=1, col_offset=25, end_lineno=1, end_c"
     "ol_offset=27), Constant(value=b'b', lineno=1, col_offset=29, end_lineno=1, end_col_offset=33), Constant"
     "(value=Ellipsis, lineno=1, col_offset=35, end_lineno=1, end_col_offset=38), Constant(value=True, lineno"
     "=1, col_offset=40, end_lineno=1, end_col_offset=44), Constant(value=1.5, lineno=1, col_offset=46, end_l"
     "ineno=1, end_col_offset=49), Constant(value=2j, lineno=1, col_offset=51, end_lineno=1, end_col_offset=5"
     "3), Constant(value=16, lineno=1, col_offset=55, end_lineno=1, end_col_offset=59)], ctx=Load(), lineno=1"
     ", col_offset=4, end_lineno=1, end_col_offset=59), lineno=1, col_offset=0, end_lineno=1, end_col_offset="
     "59)], type_ignores=[])"},
    {"s = '''one\ntwo'''\nt = ('a'\n 'b', r'\\d', u'k')",
     "Module(body=[Assign(targets=[Name(id='s', ctx=Store(), lineno=1, col_offset=0, end_lineno=1, end_col_of"
     "fset=1)], value=Constant(value='one\\ntwo', lineno=1, col_offset=4, end_lineno=2, end_col_offset=6), li"
     "neno=1, col_offset=0, end_lineno=2, end_col_offset=6), Assign(targets=[Name(id='t', ctx=Store(), lineno"
     "=3, col_offset=0, end_lineno=3, end_col_offset=1)], value=Tuple(elts=[Constant(value='ab', lineno=3, co"
     "l_offset=5, end_lineno=4, end_col_offset=4), Constant(value='\\\\d', lineno=4, col_offset=6, end_lineno"
     "=4, end_col_offset=11), Constant(value='k', kind='u', lineno=4, col_offset=13, end_lineno=4, end_col_of"
     "fset=17)], ctx=Load(), lineno=3, col_offset=4, end_lineno=4, end_col_offset=18), lineno=3, col_offset=0"
     ", end_lineno=4, end_col_offset=18)], type_ignores=[])"},
    {"def f(a, /, b: int = 1, *c, d=2, e, **g) -> h: pass",
     "Module(body=[FunctionDef(name='f', args=arguments(posonlyargs=[arg(arg='a', lineno=1, col_offset=6, end"
     "_lineno=1, end_col_offset=7)], args=[arg(arg='b', annotation=Name(id='int', ctx=Load(), lineno=1, col_o"
     "ffset=15, end_lineno=1, end_col_offset=18), lineno=1, col_offset=12, end_lineno=1, end_col_offset=18)],"
     " vararg=arg(arg='c', lineno=1, col_offset=25, end_lineno=1, end_col_offset=26), kwonlyargs=[arg(arg='d'"
     ", lineno=1, col_offset=28, end_lineno=1, end_col_offset=29), arg(arg='e', lineno=1, col_offset=33, end_"
     "lineno=1, end_col_offset=34)], kw_defaults=[Constant(value=2, lineno=1, col_offset=30, end_lineno=1, en"
     "d_col_offset=31), None], kwarg=arg(arg='g', lineno=1, col_offset=38, end_lineno=1, end_col_offset=39), "
     "defaults=[Constant(value=1, lineno=1, col_offset=21, end_lineno=1, end_col_offset=22)]), body=[Pass(lin"
     "eno=1, col_offset=47, end_lineno=1, end_col_offset=51)], decorator_list=[], returns=Name(id='h', ctx=Lo"
     "ad(), lineno=1, col_offset=44, end_lineno=1, end_col_offset=45), lineno=1, col_offset=0, end_lineno=1, "
     "end_col_offset=51)], type_ignores=[])"},
    {"f(*a, **b, c=d)\n{**a, b: c}",
     "Module(body=[Expr(value=Call(func=Name(id='f', ctx=Load(), lineno=1, col_offset=0, end_lineno=1, end_co"
     "l_offset=1), args=[Starred(value=Name(id='a', ctx=Load(), lineno=1, col_offset=3, end_lineno=1, end_col"
     "_offset=4), ctx=Load(), lineno=1, col_offset=2, end_lineno=1, end_col_offset=4)], keywords=[keyword(val"
     "ue=Name(id='b', ctx=Load(), lineno=1, col_offset=8, end_lineno=1, end_col_offset=9), lineno=1, col_offs"
     "et=6, end_lineno=1, end_col_offset=9), keyword(arg='c', value=Name(id='d', ctx=Load(), lineno=1, col_of"
     "fset=13, end_lineno=1, end_col_offset=14), lineno=1, col_offset=11, end_lineno=1, end_col_offset=14)], "
     "lineno=1, col_offset=0, end_lineno=1, end_col_offset=15), lineno=1, col_offset=0, end_lineno=1, end_col"
     "_offset=15), Expr(value=Dict(keys=[None, Name(id='b', ctx=Load(), lineno=2, col_offset=6, end_lineno=2,"
     " end_col_offset=7)], values=[Name(id='a', ctx=Load(), lineno=2, col_offset=3, end_lineno=2, end_col_off"
     "set=4), Name(id='c', ctx=Load(), lineno=2, col_offset=9, end_lineno=2, end_col_offset=10)], lineno=2, c"
     "ol_offset=0, end_lineno=2, end_col_offset=11), lineno=2, col_offset=0, end_lineno=2, end_col_offset=11)"
     "], type_ignores=[])"},
    {"class C(B, m=n):\n @d\n async def e(self): await f",
     "Module(body=[ClassDef(name='C', bases=[Name(id='B', ctx=Load(), lineno=1, col_offset=8, end_lineno=1, e"
     "nd_col_offset=9)], keywords=[keyword(arg='m', value=Name(id='n', ctx=Load(), lineno=1, col_offset=13, e"
     "nd_lineno=1, end_col_offset=14), lineno=1, col_offset=11, end_lineno=1, end_col_offset=14)], body=[Asyn"
     "cFunctionDef(name='e', args=arguments(posonlyargs=[], args=[arg(arg='self', lineno=3, col_offset=13, en"
     "d_lineno=3, end_col_offset=17)], kwonlyargs=[], kw_defaults=[], defaults=[]), body=[Expr(value=Await(va"
     "lue=Name(id='f', ctx=Load(), lineno=3, col_offset=26, end_lineno=3, end_col_offset=27), lineno=3, col_o"
     "ffset=20, end_lineno=3, end_col_offset=27), lineno=3, col_offset=20, end_lineno=3, end_col_offset=27)],"
     " decorator_list=[Name(id='d', ctx=Load(), lineno=2, col_offset=2, end_lineno=2, end_col_offset=3)], lin"
     "eno=3, col_offset=1, end_lineno=3, end_col_offset=27)], decorator_list=[], lineno=1, col_offset=0, end_"
     "lineno=3, end_col_offset=27)], type_ignores=[])"},
    {"a < b <= c is not d not in e",
     "Module(body=[Expr(value=Compare(left=Name(id='a', ctx=Load(), lineno=1, col_offset=0, end_lineno=1, end"
     "_col_offset=1), ops=[Lt(), LtE(), IsNot(), NotIn()], comparators=[Name(id='b', ctx=Load(), lineno=1, co"
     "l_offset=4, end_lineno=1, end_col_offset=5), Name(id='c', ctx=Load(), lineno=1, col_offset=9, end_linen"
     "o=1, end_col_offset=10), Name(id='d', ctx=Load(), lineno=1, col_offset=18, end_lineno=1, end_col_offset"
     "=19), Name(id='e', ctx=Load(), lineno=1, col_offset=27, end_lineno=1, end_col_offset=28)], lineno=1, co"
     "l_offset=0, end_lineno=1, end_col_offset=28), lineno=1, col_offset=0, end_lineno=1, end_col_offset=28)]"
     ", type_ignores=[])"},
    {"x[1:2, ::3]\nlambda: (yield)\ndel x.y",
     "Module(body=[Expr(value=Subscript(value=Name(id='x', ctx=Load(), lineno=1, col_offset=0, end_lineno=1, "
     "end_col_offset=1), slice=Tuple(elts=[Slice(lower=Constant(value=1, lineno=1, col_offset=2, end_lineno=1"
     ", end_col_offset=3), upper=Constant(value=2, lineno=1, col_offset=4, end_lineno=1, end_col_offset=5), l"
     "ineno=1, col_offset=2, end_lineno=1, end_col_offset=5), Slice(step=Constant(value=3, lineno=1, col_offs"
     "et=9, end_lineno=1, end_col_offset=10), lineno=1, col_offset=7, end_lineno=1, end_col_offset=10)], ctx="
     "Load(), lineno=1, col_offset=2, end_lineno=1, end_col_offset=10), ctx=Load(), lineno=1, col_offset=0, e"
     "nd_lineno=1, end_col_offset=11), lineno=1, col_offset=0, end_lineno=1, end_col_offset=11), Expr(value=L"
     "ambda(args=arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[]), body=Yield(l"
     "ineno=2, col_offset=9, end_lineno=2, end_col_offset=14), lineno=2, col_offset=0, end_lineno=2, end_col_"
     "offset=15), lineno=2, col_offset=0, end_lineno=2, end_col_offset=15), Delete(targets=[Attribute(value=N"
     "ame(id='x', ctx=Load(), lineno=3, col_offset=4, end_lineno=3, end_col_offset=5), attr='y', ctx=Del(), l"
     "ineno=3, col_offset=4, end_lineno=3, end_col_offset=7)], lineno=3, col_offset=0, end_lineno=3, end_col_"
     "offset=7)], type_ignores=[])"},
    {"import a.b as c, d\nfrom . import e\nfrom ..f import *\nglobal g, h",
     "Module(body=[Import(names=[alias(name='a.b', asname='c', lineno=1, col_offset=7, end_lineno=1, end_col_"
     "offset=15), alias(name='d', lineno=1, col_offset=17, end_lineno=1, end_col_offset=18)], lineno=1, col_o"
     "ffset=0, end_lineno=1, end_col_offset=18), ImportFrom(names=[alias(name='e', lineno=2, col_offset=14, e"
     "nd_lineno=2, end_col_offset=15)], level=1, lineno=2, col_offset=0, end_lineno=2, end_col_offset=15), Im"
     "portFrom(module='f', names=[alias(name='*', lineno=3, col_offset=16, end_lineno=3, end_col_offset=17)],"
     " level=2, lineno=3, col_offset=0, end_lineno=3, end_col_offset=17), Global(names=['g', 'h'], lineno=4, "
     "col_offset=0, end_lineno=4, end_col_offset=11)], type_ignores=[])"},
    {"f'{a!r:>{b}}c{d=}'",
     "Module(body=[Expr(value=JoinedStr(values=[FormattedValue(value=Name(id='a', ctx=Load(), lineno=1, col_o"
     "ffset=3, end_lineno=1, end_col_offset=4), conversion=114, format_spec=JoinedStr(values=[Constant(value="
     "'>', lineno=1, col_offset=0, end_lineno=1, end_col_offset=18), FormattedValue(value=Name(id='b', ctx=Lo"
     "ad(), lineno=1, col_offset=9, end_lineno=1, end_col_offset=10), conversion=-1, lineno=1, col_offset=0, "
     "end_lineno=1, end_col_offset=18)], lineno=1, col_offset=0, end_lineno=1, end_col_offset=18), lineno=1, "
     "col_offset=0, end_lineno=1, end_col_offset=18), Constant(value='cd=', lineno=1, col_offset=0, end_linen"
     "o=1, end_col_offset=18), FormattedValue(value=Name(id='d', ctx=Load(), lineno=1, col_offset=14, end_lin"
     "eno=1, end_col_offset=15), conversion=114, lineno=1, col_offset=0, end_lineno=1, end_col_offset=18)], l"
     "ineno=1, col_offset=0, end_lineno=1, end_col_offset=18), lineno=1, col_offset=0, end_lineno=1, end_col_"
     "offset=18)], type_ignores=[])"},
    {"try: pass\nexcept E as e: pass\nfinally: pass",
     "Module(body=[Try(body=[Pass(lineno=1, col_offset=5, end_lineno=1, end_col_offset=9)], handlers=[ExceptH"
     "andler(type=Name(id='E', ctx=Load(), lineno=2, col_offset=7, end_lineno=2, end_col_offset=8), name='e',"
     " body=[Pass(lineno=2, col_offset=15, end_lineno=2, end_col_offset=19)], lineno=2, col_offset=0, end_lin"
     "eno=2, end_col_offset=19)], orelse=[], finalbody=[Pass(lineno=3, col_offset=9, end_lineno=3, end_col_of"
     "fset=13)], lineno=1, col_offset=0, end_lineno=3, end_col_offset=13)], type_ignores=[])"},
    {"match x:\n case {'k': [1, *_], **r} | C(y, z=None): pass\n case _: pass",
     "Module(body=[Match(subject=Name(id='x', ctx=Load(), lineno=1, col_offset=6, end_lineno=1, end_col_offse"
     "t=7), cases=[match_case(pattern=MatchOr(patterns=[MatchMapping(keys=[Constant(value='k', lineno=2, col_"
     "offset=7, end_lineno=2, end_col_offset=10)], patterns=[MatchSequence(patterns=[MatchValue(value=Constan"
     "t(value=1, lineno=2, col_offset=13, end_lineno=2, end_col_offset=14), lineno=2, col_offset=13, end_line"
     "no=2, end_col_offset=14), MatchStar(lineno=2, col_offset=16, end_lineno=2, end_col_offset=18)], lineno="
     "2, col_offset=12, end_lineno=2, end_col_offset=19)], rest='r', lineno=2, col_offset=6, end_lineno=2, en"
     "d_col_offset=25), MatchClass(cls=Name(id='C', ctx=Load(), lineno=2, col_offset=28, end_lineno=2, end_co"
     "l_offset=29), patterns=[MatchAs(name='y', lineno=2, col_offset=30, end_lineno=2, end_col_offset=31)], k"
     "wd_attrs=['z'], kwd_patterns=[MatchSingleton(value=None, lineno=2, col_offset=35, end_lineno=2, end_col"
     "_offset=39)], lineno=2, col_offset=28, end_lineno=2, end_col_offset=40)], lineno=2, col_offset=6, end_l"
     "ineno=2, end_col_offset=40), body=[Pass(lineno=2, col_offset=42, end_lineno=2, end_col_offset=46)]), ma"
     "tch_case(pattern=MatchAs(lineno=3, col_offset=6, end_lineno=3, end_col_offset=7), body=[Pass(lineno=3, "
     "col_offset=9, end_lineno=3, end_col_offset=13)])], lineno=1, col_offset=0, end_lineno=3, end_col_offset"
     "=13)], type_ignores=[])"},
    {"(n := -+~1 if not a or b else c)\nx: int\ny += 1",
     "Module(body=[Expr(value=NamedExpr(target=Name(id='n', ctx=Store(), lineno=1, col_offset=1, end_lineno=1"
     ", end_col_offset=2), value=IfExp(test=BoolOp(op=Or(), values=[UnaryOp(op=Not(), operand=Name(id='a', ct"
     "x=Load(), lineno=1, col_offset=18, end_lineno=1, end_col_offset=19), lineno=1, col_offset=14, end_linen"
     "o=1, end_col_offset=19), Name(id='b', ctx=Load(), lineno=1, col_offset=23, end_lineno=1, end_col_offset"
     "=24)], lineno=1, col_offset=14, end_lineno=1, end_col_offset=24), body=UnaryOp(op=USub(), operand=Unary"
     "Op(op=UAdd(), operand=UnaryOp(op=Invert(), operand=Constant(value=1, lineno=1, col_offset=9, end_lineno"
     "=1, end_col_offset=10), lineno=1, col_offset=8, end_lineno=1, end_col_offset=10), lineno=1, col_offset="
     "7, end_lineno=1, end_col_offset=10), lineno=1, col_offset=6, end_lineno=1, end_col_offset=10), orelse=N"
     "ame(id='c', ctx=Load(), lineno=1, col_offset=30, end_lineno=1, end_col_offset=31), lineno=1, col_offset"
     "=6, end_lineno=1, end_col_offset=31), lineno=1, col_offset=1, end_lineno=1, end_col_offset=31), lineno="
     "1, col_offset=0, end_lineno=1, end_col_offset=32), AnnAssign(target=Name(id='x', ctx=Store(), lineno=2,"
     " col_offset=0, end_lineno=2, end_col_offset=1), annotation=Name(id='int', ctx=Load(), lineno=2, col_off"
     "set=3, end_lineno=2, end_col_offset=6), simple=1, lineno=2, col_offset=0, end_lineno=2, end_col_offset="
     "6), AugAssign(target=Name(id='y', ctx=Store(), lineno=3, col_offset=0, end_lineno=3, end_col_offset=1),"
     " op=Add(), value=Constant(value=1, lineno=3, col_offset=5, end_lineno=3, end_col_offset=6), lineno=3, c"
     "ol_offset=0, end_lineno=3, end_col_offset=6)], type_ignores=[])"},
    {"'gr\303\274\303\237 \342\202\254'; y",
     "Module(body=[Expr(value=Constant(value='gr\303\274\303\237 \342\202\254', lineno=1, col_offset=0, end_l"
     "ineno=1, end_col_offset=12), lineno=1, col_offset=0, end_lineno=1, end_col_offset=12), Expr(value=Name("
     "id='y', ctx=Load(), lineno=1, col_offset=14, end_lineno=1, end_col_offset=15), lineno=1, col_offset=14,"
     " end_lineno=1, end_col_offset=15)], type_ignores=[])"},
    {"with a as b, c: [i async for i in j if k]",
     "Module(body=[With(items=[withitem(context_expr=Name(id='a', ctx=Load(), lineno=1, col_offset=5, end_lin"
     "eno=1, end_col_offset=6), optional_vars=Name(id='b', ctx=Store(), lineno=1, col_offset=10, end_lineno=1"
     ", end_col_offset=11)), withitem(context_expr=Name(id='c', ctx=Load(), lineno=1, col_offset=13, end_line"
     "no=1, end_col_offset=14))], body=[Expr(value=ListComp(elt=Name(id='i', ctx=Load(), lineno=1, col_offset"
     "=17, end_lineno=1, end_col_offset=18), generators=[comprehension(target=Name(id='i', ctx=Store(), linen"
     "o=1, col_offset=29, end_lineno=1, end_col_offset=30), iter=Name(id='j', ctx=Load(), lineno=1, col_offse"
     "t=34, end_lineno=1, end_col_offset=35), ifs=[Name(id='k', ctx=Load(), lineno=1, col_offset=39, end_line"
     "no=1, end_col_offset=40)], is_async=1)], lineno=1, col_offset=16, end_lineno=1, end_col_offset=41), lin"
     "eno=1, col_offset=16, end_lineno=1, end_col_offset=41)], lineno=1, col_offset=0, end_lineno=1, end_col_"
     "offset=41)], type_ignores=[])"},
};
enum { DUMP_COUNT = sizeof DUMPS / sizeof *DUMPS };

#endif
