"""JSON Schemas of scenario, experiment, programme, plan and priors files, written by ``make schemas``."""
