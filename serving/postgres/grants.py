"""Who may read the mirror: one role without rights of its own, to which readers are added."""

from collections.abc import Collection

from serving.fingerprints import SCHEMA
from serving.postgres import READER_VARIABLE
from serving.postgres.errors import MirrorError
from serving.postgres.names import mart
from serving.postgres.session import Session
from serving.quoting import name_of

_SEES_NEW_TABLES = """
    exists (
        select
        from pg_default_acl
        cross join aclexplode(defaclacl) as rights
        where
            defaclrole = current_user::regrole
            and defaclnamespace = %s::regnamespace
            and defaclobjtype = 'r'
            and rights.grantee = (select oid from pg_roles where rolname = %s)
            and rights.privilege_type = 'SELECT'
    )
"""


def make_reader(session: Session, reader: str) -> None:
    """Create the role where it is missing; raises MirrorError where the user may not."""
    if session.holds("exists (select from pg_roles where rolname = %s)", [reader]):
        return
    if not session.holds("rolsuper or rolcreaterole from pg_roles where rolname = current_user"):
        raise MirrorError(
            f"There is no role {reader!r} for the readers, and the user may not create one",
            where=session.place,
            remedy=f"let an administrator run: create role {name_of(reader)}; or name the role that"
            f" is there in {READER_VARIABLE}",
        )
    session.execute(f"create role {name_of(reader)} nologin")


def grant(session: Session, reader: str, tables: Collection[str]) -> None:
    """Let the role read these tables and those to come, and nothing else; only what is missing.

    Raises MirrorError where the server did not grant it, of which it merely warns.
    """
    role = name_of(reader)
    wanted = [
        (
            "has_schema_privilege(%s, %s, 'usage')",
            [reader, SCHEMA],
            f"grant usage on schema {SCHEMA} to {role}",
        ),
        (
            _SEES_NEW_TABLES,
            [SCHEMA, reader],
            f"alter default privileges in schema {SCHEMA} grant select on tables to {role}",
        ),
        *(
            (
                "has_table_privilege(%s, %s, 'select')",
                [reader, mart(table)],
                f"grant select on {mart(table)} to {role}",
            )
            for table in sorted(tables)
        ),
    ]
    for is_granted, values, statement in wanted:
        if session.holds(is_granted, values):
            continue
        session.execute(statement)
        if not session.holds(is_granted, values):
            raise MirrorError(
                f"The role {reader!r} cannot be given its rights: {statement}",
                where=session.place,
                remedy=f"make the user of the mirror the owner of the schema {SCHEMA}",
            )
