"""The revisions that a start looks at without Alembic are those that Alembic would run, in its order."""

from alembic.config import Config
from alembic.script import ScriptDirectory

from crm import schema


def test_the_files_are_read_as_alembic_reads_them() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert list(schema.known()) == [script.revision for script in reversed(list(scripts.walk_revisions()))]
    assert schema.head() == scripts.get_current_head()
