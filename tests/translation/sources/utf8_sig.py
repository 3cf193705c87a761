# coding: utf_8-sig
x = 1
