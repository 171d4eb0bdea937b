"""What starts `build`, and `python -m builder`."""

import gc
import signal


def main() -> None:
    """Load the command line and run it; Ctrl-C while it loads ends it without a word."""
    heeded = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if heeded:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()  # nothing of what is loaded ever goes
    from builder import cli

    gc.freeze()
    gc.enable()
    if heeded:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    cli.main()


if __name__ == "__main__":
    main()
