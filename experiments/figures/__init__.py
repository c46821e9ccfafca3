"""One file a figure: reads a Dataset, draws, and writes the drawn numbers beside the picture."""
