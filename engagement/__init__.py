"""Cases: the workflow, the clocks, the facts and the pages around them."""
