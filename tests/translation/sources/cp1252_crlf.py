# coding=cp1252
x = "€“"
if x:
  y
