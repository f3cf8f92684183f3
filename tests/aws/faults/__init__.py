"""Faults by what they break; each names the rule that finds it."""
