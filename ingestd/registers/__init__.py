"""Registers from files: what their columns are called, how cells are read, what is wrong with a row. PURE.

`table` makes rows of cells out of bytes, `columns` says which fields a register has, `cells` reads one cell,
`rows` puts them together. Nothing here knows what is in the registers already.
"""
