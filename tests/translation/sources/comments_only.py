# only
   # comments

	# here
#