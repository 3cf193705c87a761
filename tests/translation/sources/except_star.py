try: pass
except* A: pass
try:
    pass
except* A as e:
    pass
except* (B, C) as f:
    pass
except *D: pass
else:
    pass
finally:
    pass
try: pass
except* a.b(c): raise
try:
    try: pass
    except A: pass
except* B:
    try: pass
    except* C: pass
