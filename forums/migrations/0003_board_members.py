import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def let_writers_in(apps, schema_editor):
    """Until now whoever signed in read such a board: those who wrote there stay in it."""
    Board, Topic, Reply, BoardMember = (
        apps.get_model("forums", name) for name in ("Board", "Topic", "Reply", "BoardMember")
    )
    now = django.utils.timezone.now()
    for board in Board.objects.filter(members_only=True):
        people = set(Topic.objects.filter(board=board).values_list("author_id", flat=True))
        people |= set(Reply.objects.filter(topic__board=board).values_list("user_id", flat=True))
        BoardMember.objects.bulk_create(
            [BoardMember(board=board, person_id=pk, asked_at=now, since=now) for pk in sorted(people - {None})]
        )


class Migration(migrations.Migration):
    dependencies = [
        ("forums", "0002_changed_sources"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BoardMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.CharField(blank=True, max_length=300)),
                ("asked_at", models.DateTimeField()),
                ("since", models.DateTimeField(null=True)),
                (
                    "board",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="members", to="forums.board"
                    ),
                ),
                (
                    "let_in_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("board", "person"), name="board_member_once")],
            },
        ),
        migrations.RunPython(let_writers_in, migrations.RunPython.noop),
    ]
