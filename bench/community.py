"""The suite `community`: a topic of ten thousand replies, and search among a hundred thousand documents."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

TURNS = 15
HOST = "127.0.0.1"
# Replies written by the real action, in threads; the rest are copies of them.
WRITTEN = 40
BATCH = 1_000
SIGNS = "小区物业电梯水质噪音停车道路施工学校公交医院社保居民街道反映情况希望解决政府部门回复感谢核实整改"
WORDS = (
    "lift",
    "water",
    "noise",
    "parking",
    "road",
    "school",
    "bus",
    "clinic",
    "pension",
    "street",
    "answer",
    "repair",
)
# What people ask for: two signs in many texts and in few, one sign, a word, two words, a phrase that is rare; six
# common words, six signs, a phrase whose pairs stand everywhere; six pairs that hardly meet, what is nowhere.
ASKED = (
    "水质",
    "电梯",
    "水",
    "lift",
    "水质 电梯",
    "noise school",
    "明湖大桥",
    "lift water noise parking road school",
    "水 电 物 业 小 区",
    "小区物",
    "水质 电梯 小区 物业 居民 街道",
    "居民反映",
    "nowhere lift",
)
# What few texts or none may hold, by chance.
RARE = ASKED[-3:]


def main(given: dict[str, Any]) -> dict[str, Any]:
    """Write the topic and the documents, then ask as readers do; `figures` are those of the slowest question."""
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    settings.ALLOWED_HOSTS = [HOST]
    settings.REQUESTS_A_MINUTE = 1_000_000
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    topic = _topic(given["replies"])
    written = time.perf_counter()
    _documents(given["documents"])
    indexed = time.perf_counter()
    with connection.cursor() as cursor:
        # What PostgreSQL does by itself within some minutes, and would else begin between two questions.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    pages, searches = _topic_pages(topic), _searches()
    figures = {
        "topic_page_ms": max(page["ms"] for page in pages),
        "topic_page_queries": max(page["queries"] for page in pages),
        "search_ms": max(search["find_ms"] for search in searches),
        "search_page_ms": max(search["ms"] for search in searches),
    }
    return {
        "replies": topic.replies,
        "replying_seconds": written - started,
        "documents": given["documents"],
        "indexing_seconds": indexed - written,
        "pages": [*pages, *searches],
        "figures": figures,
    }


def _people(count: int) -> list[Any]:
    """Return officials who have been here for long: nobody's words wait for a moderator."""
    from django.utils import timezone

    from accounts.actions import place_unit
    from accounts.models import Person, Post, Role

    city = place_unit(code="city", name="明湖市", name_en="Minghu", kind="city")
    long_ago = timezone.now() - timedelta(days=900)
    people = [
        Person(username=f"writer{number}", name=f"Writer {number}", password="!", date_joined=long_ago)
        for number in range(count)
    ]
    people = Person.objects.bulk_create(people)
    Post.objects.bulk_create(Post(person=person, unit=city, role=Role.MODERATOR, since=long_ago) for person in people)
    return people


def _topic(replies: int) -> Any:
    """Open a topic, let people reply and answer each other, and multiply their replies."""
    from django.core.cache import cache
    from django.utils import timezone

    from accounts.viewers import person_viewer
    from forums.actions import open_topic, reply_to
    from forums.models import Board, Topic

    viewers = [person_viewer(person) for person in _people(8)]
    board = Board.objects.create(slug="lifts", name="电梯", name_en="Lifts")
    began = timezone.now() - timedelta(days=30)
    topic = open_topic(viewer=viewers[0], board_id=board.pk, title="老旧小区加装电梯", text="请大家讨论。", at=began)
    parent = None
    for number in range(WRITTEN):
        # A city's day within a second: nobody here writes too often.
        cache.clear()
        reply = reply_to(
            viewer=viewers[number % len(viewers)],
            topic_id=topic.pk,
            text=f"第{number}条意见:我同意加装电梯,费用怎么分摊?",
            parent_id=parent,
            at=began + timedelta(minutes=number),
        )
        # Threads of four: one says something, three answer.
        parent = None if number % 4 == 3 else parent or reply.pk
    cache.clear()
    _multiply(replies // WRITTEN)
    _place(topic)
    count = replies // WRITTEN * WRITTEN
    Topic.objects.filter(pk=topic.pk).update(replies=count, shown=count, numbers=count)
    return Topic.objects.get(pk=topic.pk)


def _multiply(times: int) -> None:
    """Copy the replies until there are `times` as many, in threads of their own."""
    from django.core.management.color import no_style
    from django.db import connection, models, transaction

    from forums.models import Reply

    tables = [*reversed([parent for parent in Reply.__mro__ if getattr(parent, "_meta", None) and _is_table(parent)])]
    step = int(Reply.objects.order_by("-pk").values_list("pk", flat=True)[0])
    with transaction.atomic(), connection.cursor() as cursor:
        for model in tables:
            fields = [each for each in model._meta.local_concrete_fields if each.column]
            values = []
            for each in fields:
                related = each.is_relation and each.related_model in tables
                moves = each.primary_key or related or each.column in ("thread_id", "parent_id")
                # 0 is nobody's id.
                plain = f't."{each.column}"'
                by = WRITTEN if each.column in ("number", "answers") else step if moves else 0
                values.append(f"CASE WHEN {plain} = 0 THEN 0 ELSE {plain} + k * {by} END" if by else plain)
                if each.column == "path":
                    # Only so that none is there twice: their own ones follow.
                    values[-1] = f"{plain} || '/' || k"
                if each.unique and not each.primary_key and isinstance(each, models.CharField):
                    values[-1] = f"{plain} || k"
            columns = ", ".join(f'"{each.column}"' for each in fields)
            cursor.execute(
                f"WITH RECURSIVE series (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM series WHERE k < {times - 1})"
                f" INSERT INTO {model._meta.db_table} ({columns})"
                f" SELECT {', '.join(values)} FROM series, (SELECT * FROM {model._meta.db_table}) t"
            )
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)


def _place(topic: Any) -> None:
    """Give every copy its own place in the reading order, parents first."""
    from forums.actions.post import path_part
    from forums.models import Reply

    paths = {0: ""}
    rows = list(
        Reply.objects.filter(topic=topic)
        .select_related(None)
        .only("pk", "parent_id", "level", "submit_date")
        .order_by("level")
    )
    for row in rows:
        paths[row.pk] = row.path = (paths[row.parent_id] if row.level else "") + path_part(row)
    Reply.objects.bulk_update(rows, ["path"], batch_size=400)


def _is_table(model: Any) -> bool:
    return not model._meta.abstract and not model._meta.proxy


def _documents(count: int) -> None:
    """Index as many texts as a city has after some years: letters, topics and pages, with their words by chance."""
    from django.db import transaction
    from django.utils import timezone

    from search.actions import Text, index_many

    dice, now = random.Random(7), timezone.now()
    # As `manage.py reindex` does.
    with transaction.atomic():
        for start in range(0, count, BATCH):
            index_many(
                [
                    Text(
                        room=("case", "case", "topic", "article")[number % 4],
                        ref=f"D{number}",
                        title=_said(dice, 12),
                        text=_said(dice, 300) + ("明湖大桥" if number % 5_000 == 7 else ""),
                        url=f"/letters/D{number}/",
                        at=now - timedelta(minutes=5 * number),
                        audience="public" if number % 10 else "officials",
                        language="en" if number % 3 == 0 else "zh-hans",
                    )
                    for number in range(start, min(start + BATCH, count))
                ]
            )
            print(f"\r  {min(start + BATCH, count):,} of {count:,} documents", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def _said(dice: random.Random, length: int) -> str:
    """Return a text of Chinese signs with English words in between."""
    signs = "".join(dice.choices(SIGNS, k=length))
    return f"{signs[: length // 2]} {' '.join(dice.choices(WORDS, k=max(1, length // 30)))} {signs[length // 2 :]}"


def _topic_pages(topic: Any) -> list[dict[str, Any]]:
    """The first, a middle and the last page of the topic, for a visitor and for somebody signed in."""
    from django.test import Client

    from accounts.models import Person

    reader = Client(HTTP_HOST=HOST)
    reader.force_login(Person.objects.get(username="writer1"), backend="accounts.backends.PersonBackend")
    found = []
    for who, client in (("visitor", Client(HTTP_HOST=HOST)), ("signed in", reader)):
        for page in ("", "?page=50", "?page=100"):
            address = f"/forums/topics/{topic.pk}/{page}"
            shown = _asked(client, f"topic {page or 'first page'}, {who}", address)
            assert client.get(address).content.decode().count("条意见") >= 20, (address, shown)
            found.append(shown)
    return found


def _searches() -> list[dict[str, Any]]:
    """Every question as a page, and what the index alone takes for it."""
    from django.test import Client

    from search.queries import find

    client, found = Client(HTTP_HOST=HOST), []
    for words in ASKED:
        assert find(words, audiences=["public"]) or words in RARE, words
        shown = _asked(client, f"search {words}", f"/search/?q={words}")
        shown["find_ms"] = _fastest(lambda words=words: find(words, audiences=["public"], limit=21))  # type: ignore[misc]
        found.append(shown)
    return found


def _asked(client: Any, name: str, address: str) -> dict[str, Any]:
    """Ask for a page, never from a cache; of the times the fastest, which the machine disturbed least."""
    from django.core.cache import cache
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address)
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    count = len(captured)
    in_database = sum(float(query["time"]) for query in captured.captured_queries) * 1000
    return {
        "page": name,
        "address": address,
        "status": answer.status_code,
        "queries": count,
        "ms": _fastest(lambda: (cache.clear(), client.get(address))),
        "database_ms": round(in_database, 1),
        "kilobytes": len(answer.content) // 1024,
    }


def _fastest(work: Callable[[], object]) -> float:
    times = []
    for _turn in range(TURNS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return round(min(times), 2)


if __name__ == "__main__":
    options = json.loads(sys.argv[1])
    Path(options["result"]).write_text(json.dumps(main(options), ensure_ascii=False), encoding="utf-8")
