"""A help bot for benefits claimants and job applicants, with a handoff to specialists."""
