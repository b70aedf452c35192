"""Rasa custom actions: one module per topic group, each reading the stores and answering in words from YAML."""
