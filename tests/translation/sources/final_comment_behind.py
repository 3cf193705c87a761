if x:
  y #c