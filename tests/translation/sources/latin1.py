# -*- coding: latin-1 -*-
x = "éÿ"
été = b"a" # ü
y = f"ä{été}ö"
