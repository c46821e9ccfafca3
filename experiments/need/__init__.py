"""What it would take: the cheapest path of levers with which targets are met with a wished probability."""
