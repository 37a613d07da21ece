"""The recount of a poll of Veche, written from the documents of spec/ alone.

It is a second implementation, meant to be read beside the law: each module covers one noun of it
and cites the requirements at the lines that enforce them. It keeps no log, makes no key, and signs
nothing.
"""
