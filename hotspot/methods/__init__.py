"""One module per method: numbers in, a frozen result out, no input or output of its own."""
