"""The command line: parse, call, exit status; one file a command."""
