/* variant.h: the switches that are chosen when a file is compiled.
 *
 * The inner loops carry no branch for a switch: lexer.c is compiled once per setting of (VIEWS, SOA, SIMD), parser.c,
 * symbols.c and emit.c once per setting of (ARENA, INTERN, VIEWS, SOA); variants.c chooses among them when a session is
 * made. POOL, ALIGNED and PREFETCH are decided per buffer or per loop, at run time. Each macro is 0 or 1 and comes from
 * the build. FE_VARIANT(name) is the name of a symbol in this setting: fe_parse_1011.
 */
#ifndef FE_VARIANT_H
#define FE_VARIANT_H

#if !defined(FE_VIEWS) || !defined(FE_SOA)
#error "compile with -DFE_VIEWS=0|1 -DFE_SOA=0|1 and the switches that the file uses"
#endif

#define FE_PASTE5(a, b, c, d, e) a##_##b##c##d##e
#define FE_PASTE4(a, b, c, d) a##_##b##c##d
#define FE_EXPAND5(a, b, c, d, e) FE_PASTE5(a, b, c, d, e)
#define FE_EXPAND4(a, b, c, d) FE_PASTE4(a, b, c, d)
#define FE_VARIANT(name) FE_EXPAND5(name, FE_ARENA, FE_INTERN, FE_VIEWS, FE_SOA)
#define FE_LEXER_VARIANT(name) FE_EXPAND4(name, FE_VIEWS, FE_SOA, FE_SIMD)

#endif
