'', "", '''''', """""", 'a', "a", '''a''', """a"""
'it\'s', "say \"x\"", 'it"s', "it's", 'both \' and "', "both ' and \""
'\\', '\n\r\t\a\b\f\v\0', '\x00\x7f\x80\xff\xad', '\1\12\123\400\777\8\9', '\u00e9\u2028\ud800\udfff\U0001f600\U0010ffff'
'\N{EURO SIGN}\N{euro sign}\N{LATIN SMALL LETTER A WITH DIAERESIS}\N{SPACE}\N{BELL}\N{DELETE}\N{LF}'
'\
', 'a\
b', "a\
\
b"
'''a
b''', """a
	b
  c
""", '''
''', '''a'b''c"d""e"""f\'''g''', """a"b""c'''d"""
'\d\ \.\(\z\A', '\\d'
r'', r'\n', R"\'", r'\\', r'''a
\b''', r"\
", r'\x', r'\N{x}', r'\u'
u'a', U"a", u'''a''', u'' 'b', 'a' u'b', u'a' 'b' u'c'
b'', b"a", B'a', b'''a
b''', b'\x00\xff\n\'"\\\0\377\1', b"it's", b'say "x"', b'both \' "', b'\d\N{x}\u1234', b'\
'
rb'\n', bR'\n', Rb"\x", RB'\\', br'''a
\'''', Br'x', BR'x'
'a' 'b', 'a' "b" '''c''', ('a'
 'b'
 "c"), 'a' r'\n' '\n', b'a' b'b', b'a' rb'\n'
'é', 'ü\xfc', '日本語', '😀', '\u200b', '​', ' ', '­', '﻿x', '', '', 'ꟊ', 'ܐ', '͸', '\U000e0001', '󠀁'
'\t	', "	", ' ', '\x1b', '\x7f'
'	tab', "form feed"
x = 'a' if 'b' else 'c'
f('a'
  'b', 'c')['d'].e('f')
"a" "b" % c, "a" "b".c, -1 if "a" "b" else "c"
"""doc
  with	tabs and "quotes" and 'others' and \\ \
end"""
'\'', "\"", '\'"', "'\"", '"\'', '\'\'\'', "\"\"\"", '"""', "'''"
'\ud83d\ude00', '\udc80', '\ud800x', 'x\udfff'
