"""What runs in the processes of statements: it stands alone, and imports nothing but the standard library.

A process starts in a fifth of the time so, and has nothing in it that a statement could get at. That is why imports are
relative here, and why what is only needed for types is not imported.
"""
