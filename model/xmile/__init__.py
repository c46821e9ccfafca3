"""XMILE 1.0: the model in the form that other system-dynamics programs open, run and write back.

OASIS (2015), XML Interchange Language for System Dynamics (XMILE) Version 1.0. Only constructs that PySD and simlin
were seen to run to the same numbers are written; anything else is refused by name.
"""
