"""The dock: which socket holds what, told to the slots as soon as it changes."""
