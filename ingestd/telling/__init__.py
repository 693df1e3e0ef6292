"""How facts are told to people, the same on the terminal, the dock board and the pages: signs, sizes, times."""
