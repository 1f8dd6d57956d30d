"""Forums, the wiki, notices and what administrators set up."""

from tests import make

from .people import CANARIES, World


def forum(world: World) -> None:
    """A board for everybody and one for members, a topic with picture and reply on each; one hidden, one flagged."""
    from forums import actions
    from forums.models import Board, Member, Picture

    for kind, members in (("open", False), ("members", True)):
        board = Board.objects.create(slug=f"{kind}-board", name=kind, name_en=kind, members_only=members)
        for name in ("citizen", "stranger", "reporter") if members else ():
            asked = actions.ask_to_join(viewer=world.viewer(name), board_id=board.pk)
            actions.let_in(by=world.viewer("moderator"), board_id=board.pk, member_id=asked.pk)
        topic = actions.open_topic(
            viewer=world.viewer("citizen"), board_id=board.pk, title=f"A topic on {kind}", text="Good morning.",
            pictures=[make.picture()], question="Tea or coffee?", options=["Tea", "Coffee"], tags=[f"{kind}-tag"],
        )  # fmt: skip
        reply = actions.reply_to(viewer=world.viewer("stranger"), topic_id=topic.pk, text="Good morning to you.")
        world.add(f"{kind}-board", {"slug": "no-such-board"}, slug=board.slug)
        world.add(f"{kind}-tag", {"name": "no-such-tag"}, name=f"{kind}-tag")
        world.add(f"{kind}-topic", {"topic_id": 999999, "reply_id": 999999}, topic_id=topic.pk, reply_id=reply.pk)
        world.add(f"{kind}-picture", {"key": "0" * 32}, key=Picture.objects.get(topic=topic).key)
        world.streams[f"{kind}-topic"] = topic.stream_name
    flagged = actions.flag_post(viewer=world.viewer("reporter"), topic_id=topic.pk, reply_id=reply.pk, ground="other")
    world.add("forum-review", {"review_id": 999999}, review_id=flagged.pk)
    hidden = actions.open_topic(
        viewer=world.viewer("citizen"), board_id=board.pk, title="Taken away", text=CANARIES["hidden"]
    )
    actions.hide_topic(by=world.viewer("moderator"), topic_id=hidden.pk, reason="spam")
    world.add("hidden-topic", {"topic_id": 999999}, topic_id=hidden.pk)
    world.add("forum-member", {"person_id": 999999}, person_id=Member.objects.get(person=hidden.author).person_id)
    world.streams["queue"] = "forum-queue"


def wiki(world: World) -> None:
    """A public page and one for officials, each with a file; a citizen's remark and suggestion for the public one."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from wiki.models import URLPath

    from tests.wiki.cast import STARTER
    from wiki.knowledge import actions

    actions.load_handbook(starter=STARTER)
    for audience in ("public", "officials"):
        made = actions.create_page(
            by=world.viewer("handler"), parent_id=URLPath.root().pk, slug=f"{audience}-page",
            title=f"A {audience} page", text="Words.", audience=audience,
        )  # fmt: skip
        revision = made.article.current_revision.revision_number
        upload = SimpleUploadedFile("page.txt", b"beside the page", "text/plain")
        file = actions.attach_file(by=world.viewer("handler"), place_id=made.pk, upload=upload)
        world.add(
            f"{audience}-page", {"path": "no-page/", "number": 999, "article": 999999, "file_id": 999999},
            path=f"{audience}-page/", number=revision, article=made.article_id, file_id=file.pk,
        )  # fmt: skip
        world.streams[f"{audience}-remarks"] = f"remarks-{made.article_id}"
    page, citizen = URLPath.objects.get(slug="public-page"), world.viewer("citizen")
    remark = actions.remark(by=citizen, place_id=page.pk, text="Is this still so?")
    proposal = actions.propose_change(
        by=citizen, place_id=page.pk, seen=page.article.current_revision_id, title="A public page", text="Better words."
    )
    world.add("remark", {"remark_id": 999999}, remark_id=remark.pk)
    world.add("proposal", {"proposal_id": 999999}, proposal_id=proposal.pk)


def notice(world: World) -> None:
    """The citizen was told of the letter's steps; one of those notices."""
    from notices.models import Notice

    notice = Notice.objects.filter(person=world.people["citizen"]).order_by("pk").first()
    assert notice is not None, "nobody told the citizen anything"
    world.add("notice", {"notice_id": 999999}, notice_id=notice.pk)
    world.streams["person"] = f"person-{world.id_of('citizen')}"


def admin(world: World) -> None:
    """Something of every kind that the admin asks for by number."""
    world.add(
        "admin",
        {"object_id": 999999, "app_label": "nothing", "content_type_id": 999999, "url": "nothing"},
        object_id=make.unit("city").pk, app_label="accounts", content_type_id=1, url="accounts/",
    )  # fmt: skip
