"""``fiveyear validate``: whether the model, its numerics and its posterior hold, figure by figure."""
