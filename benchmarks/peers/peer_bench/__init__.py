"""softbeam beside other fault injectors: the same model, the same kind of fault, one run."""
