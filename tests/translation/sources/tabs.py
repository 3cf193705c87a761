if a:
	b
	if c:
	    d
	    e
	f
if a:
        b
        if c:
        	d
        	if e:
        		f
class A:
	def f(self):
		return 1

	def g(self):
		return 2
  	# comment
x = 1	+	2
