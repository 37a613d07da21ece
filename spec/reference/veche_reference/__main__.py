"""Lets `python3 -m veche_reference` run the command line; holds nothing else."""

import sys

from .command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
