"""Discrete events: programmes of projects, what their arrivals add, and patent examination as a queue (SimPy)."""
