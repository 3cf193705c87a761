é = ü = 1
ﬁ = ﬂ = "ﬁ"
x.ﬁ.ﬂ(ﬀ=1)
def ｆ(ａ, *, ｂ=1): return ａ
class Ⅷ: pass
import ｏｓ as ｐ, ａ.ｂ
变量 = ñandú = Ω = Å = K = ſ
global ﬃ
𝐱 = 𝔘𝔫𝔦 = ªº = 1
ñ = 1
a̲b = a·c = ℘x = ℮y = 1
lambda ﬁ, *ﬂ, **ﬀ: ﬁ
match ﬁ:
    case ﬂ.ﬀ(ﬁ=ｘ) | {"ﬁ": ｙ, **ﬄ}: pass
    case [*ﬁ] | (1 as ﬂ): pass
try: pass
except ﬁ as ﬂ: pass
f"{ﬁ}é{ﬂ!r}"
x = ﾊﾝｶｸ; del ﾊﾝｶｸ
nonlocal_ﬁ = {"ﬁ": ﬁ for ﬁ in ﬂ}
éé.éé(éé=éé)[éé:éé] + éé
