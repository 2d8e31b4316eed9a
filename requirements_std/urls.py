"""Addresses by door; ecoeficiencia/urls.py puts the doors together."""

public = []
empresa = []
monitor = []
auditoria = []
panel = []
