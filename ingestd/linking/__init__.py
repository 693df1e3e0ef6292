"""Which clip shows which act of which case, and why: proposals with reasons, never a person's decision undone."""
