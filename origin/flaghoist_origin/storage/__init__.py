"""The origin's database: tables, migrations, and the store that reads and commits whole environments."""
