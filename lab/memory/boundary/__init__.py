"""What crosses between Python and C: handles and their turns, sizes, texts, lists, columns, Arrow data, results."""
