"""The database as Django knows it, with a pool that is of use again as soon as the server is."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg import Error
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    """Looks at each connection before it is lent. One that is dead was hardly alone: the pool then looks at all.

    Django would leave that to the pool, which waits a second and longer after each dead one that it meets: after a
    restart of the server nobody would have an answer until all had been met.
    """

    # Django's own names, unknown to its stubs.
    _connection_pools: ClassVar[dict[str, ConnectionPool]] = {}
    _configure_connection: Any

    @property
    def pool(self) -> Any:
        """The connections of this process, None for what is asked without a database."""
        if self.alias == NO_DB_ALIAS:
            return None
        if self.alias not in self._connection_pools:
            options = self.settings_dict["OPTIONS"]["pool"]
            parameters = {**self.get_connection_params(), "autocommit": True}
            pool = ConnectionPool(kwargs=parameters, open=False, configure=self._configure_connection, **options)
            self._connection_pools.setdefault(self.alias, pool)
        return self._connection_pools[self.alias]

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection from the pool. Raises OperationalError while the server gives none."""
        connection = super().get_new_connection(conn_params)
        if self.pool is None:
            return connection
        try:
            self.pool.check_connection(connection)
        except Error:
            self.pool.putconn(connection)
            self.pool.check()
            connection = super().get_new_connection(conn_params)
        return connection
