"""The database's schema through time (Alembic). `crm.schema` runs it; `make migrate` writes the next one."""
