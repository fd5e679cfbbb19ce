"""A month of `scrape crawl --due` from a timer, on a machine to which things happen, and whether each run was in time.

    python -m benchmarks.unattended                  # 30 days, in one process
    python -m benchmarks.unattended --commands       # 4 days, the command itself under Debian's faketime

The outlets are those of the simulated web. The machine has a clock of its own, which may go wrong; the web's does not.
"""
