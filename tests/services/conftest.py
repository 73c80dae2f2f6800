"""Real servers: PostgreSQL, RabbitMQ, Redis, an S3 API. ``make test-services`` has them.

The rows stay for the whole session, as the processes of the site see them too; so
people have names of their own in each test, and no test counts what others left.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases

from tests.services.site import Site

HERE = Path(__file__).parent
NEEDED = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "NOPEEK_S3_ENDPOINT")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    there = all(os.environ.get(name) for name in NEEDED)
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.services)
            if not there:
                item.add_marker(pytest.mark.skip(reason="run `make test-services`"))


@pytest.fixture(scope="session")
def database(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """The tests' own database on PostgreSQL, open for the whole session."""
    assert settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={"default"})
        assert connection.settings_dict["NAME"].startswith("test_")
        yield
        connections.close_all()
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("services")


def site_on(broker: str, folder: Path) -> Iterator[Site]:
    site = Site(broker, folder)
    site.lose_messages()
    try:
        yield site
    finally:
        site.close()


@pytest.fixture(scope="module")
def site(database: None, folder: Path) -> Iterator[Site]:
    """A site on RabbitMQ, without processes yet."""
    yield from site_on(os.environ["CELERY_BROKER_URL"], folder)


@pytest.fixture(scope="module", params=["rabbitmq", "redis"])
def each_site(
    request: pytest.FixtureRequest, database: None, folder: Path
) -> Iterator[Site]:
    """A site on RabbitMQ, then one on Redis."""
    broker = {
        "rabbitmq": os.environ["CELERY_BROKER_URL"],
        "redis": os.environ.get("NOPEEK_TEST_REDIS_BROKER", ""),
    }[request.param]
    yield from site_on(broker, folder)
