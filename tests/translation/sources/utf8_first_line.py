# coding: UTF-8
"é"
