"""Users, roles, permissions (who may do what) and the audit log."""
