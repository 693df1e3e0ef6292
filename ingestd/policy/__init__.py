"""Law as data: the policies that an agency may choose, and what the spine reads of them."""
