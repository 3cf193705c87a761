a = 1

b = 2
c = 3
if a:
    b
    
    c
      d

def f():
  return 1
# comment
    # comment
x=1
