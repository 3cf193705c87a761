# coding: koi8-r
x = "аб"; а = 1
