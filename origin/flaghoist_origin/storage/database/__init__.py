"""The database: connections, tables, migrations, and rows as structs."""
