# coding: shift_jis
x = "ソあ"
