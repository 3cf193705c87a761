if x:
    y
  # comment