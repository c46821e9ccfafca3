"""``python -m fiveyear``: the command line."""

from fiveyear.experiments.command_line import main

if __name__ == "__main__":
    main()
