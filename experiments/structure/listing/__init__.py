"""The complete listing of a model: every equation, parameter, series, indicator and loop, in three formats."""
