"""Every shape that the bot shows in Slack, filled with samples and with the outcomes and reasons of the file.

`check` lets Slack validate them before a review depends on one.
"""

from collections.abc import Iterator, Mapping

from bot.reviews.action_request import Refused
from bot.reviews.audit.entry import RALIO, AuditEntry
from bot.reviews.checks import Check, Checks
from bot.reviews.delivery_problems import CardMoved, DeliveryHeld
from bot.reviews.notification_topics import ActionTopic
from bot.reviews.notifications import ActionAnnouncement, ActionRefused
from bot.reviews.policy import Policy
from bot.reviews.queue_figures import PersonFigures, QueueFigures
from bot.reviews.reminders import (
    LEADS,
    REVIEWERS,
    HolderReminder,
    OverdueClaims,
    OverdueInQueue,
    ReminderEnded,
    StillOnItQuestion,
    VerdictMissing,
)
from bot.reviews.review import Action, EntityType, Review, SessionState, Status
from bot.slack.api.client import Message, View
from bot.slack.messages import slash_response
from bot.slack.messages.card import card
from bot.slack.messages.digest import digest
from bot.slack.messages.direct_message import direct_message, reminder_ended
from bot.slack.messages.ephemeral import action_outcome, card_moved, modal_not_shown
from bot.slack.messages.former_card import former_card
from bot.slack.messages.history_modal import history_modal
from bot.slack.messages.home_tab import home_tab
from bot.slack.messages.modal import TITLES, closing_modal, modal
from bot.slack.messages.ops_alert import ops_alert
from bot.slack.messages.overdue import Shown, nothing_overdue, overdue_claims, overdue_in_queue
from bot.slack.messages.review_rows import Reader
from bot.slack.messages.thread_reply import thread_reply
from bot.slack.requests.modal_state import ModalState
from bot.store.tables.digest import Digest, Step, StepKind
from bot.store.tables.history import CardState, HistoryPage
from bot.store.tables.reminders import Overdue
from bot.store.tables.reviews import ListedReview
from bot.store.tables.subjects import SubjectReviews
from bot.store.tables.worklist import Expanded, ListName, QueueCounts, ReviewList, TeamMember, Worklist

PERSON, CHANNEL, LINK = "U00000000", "C00000000", "https://example.com"
SESSION = "00000000-0000-0000-0000-000000000000"
AT = 1_000
TS = "1.000001"

Shape = tuple[str, Message | View]
"""What it is, in words, and what Slack gets."""


def shapes(rules: Mapping[str, Policy], portal_url_template: str) -> Iterator[Shape]:
    """Every shape: those that a queue's policy decides for each queue, all others once."""
    for queue, policy in rules.items():
        for name, content in _of_queue(queue, policy, portal_url_template):
            yield f"{name} ({queue})", content
    yield from _messages(next(iter(rules.values())))


def _of_queue(queue: str, policy: Policy, portal_url_template: str) -> Iterator[Shape]:
    outcome = next(iter(policy.outcomes), "sample")
    for review in _reviews(queue, outcome):
        entry = AuditEntry(AT, RALIO, Action.RECEIVE, None, review.status, 1)
        status = "snoozed" if review.snoozed_until else review.status
        yield f"card of a review that is {status}", card(review, [entry], policy, portal_url_template)
    claimed = next(review for review in _reviews(queue, outcome) if review.status is Status.CLAIMED)
    for action in TITLES:
        yield f"form to {action}", modal(ModalState(action, SESSION, 1, CHANNEL), claimed, policy)
    entry = AuditEntry(
        AT, PERSON, Action.ADD_NOTE, Status.CLAIMED, Status.CLAIMED, 2, detail={"note": "Sample"}
    )
    page = HistoryPage([entry], 0, has_older=True, card=next(iter(CardState)))
    yield "form History", history_modal(claimed, page, policy)
    # A review is in one of the lists.
    listed = [
        ListedReview(review._replace(session_id=f"{SESSION[:-1]}{number}"), CHANNEL, TS)
        for number, review in enumerate(_reviews(queue, outcome))
    ]
    figures = QueueFigures(1, 1, 1, 1)
    steps = [Step(StepKind.OPENED, AT, AT), Step(StepKind.CLAIMED, AT, AT), Step(StepKind.DECIDED, AT, AT)]
    day = Digest(figures, figures, [PersonFigures(PERSON, 9, 1)], listed[:1], 1, 1, 1, steps)
    yield "digest", digest("sample", queue, day, policy.deadlines.hours, AT, LINK)
    audiences = (REVIEWERS, LEADS)
    overdue, mentioned = Overdue(listed[:1], listed[:1], 2), dict.fromkeys(audiences, (PERSON,))
    yield "reminder", overdue_in_queue("sample", queue, overdue, mentioned, Shown(LINK))
    claims = OverdueClaims(queue, PERSON)
    yield "reminder of claims", overdue_claims("sample", claims, Overdue((), listed[:1], 1), Shown(LINK))
    yield "reminder without reviews", nothing_overdue("sample", OverdueInQueue(queue, audiences))
    counts = QueueCounts({Status.OPEN: 1, Status.CLAIMED: 1}, AT)
    lists = {name: ReviewList([review], 2) for name, review in zip(ListName, listed, strict=False)}
    team = [TeamMember(PERSON, 1, 1, 1, 1)]
    reader = Reader(PERSON, {queue: policy}, LINK, AT, [queue], [queue])
    yield "home tab", home_tab(Worklist({queue: counts}, lists, team, Expanded(ListName.MINE)), reader)
    of_subject = {EntityType(queue): SubjectReviews(listed[:1], more=True)}
    for name, response in (
        ("help", slash_response.answer(slash_response.HELP)),
        ("lists", slash_response.lists(lists, reader)),
        ("team", slash_response.team(team, lists, reader)),
        ("one review", slash_response.one(listed[1], reader)),
        ("claimed review", slash_response.claimed(listed[1], reader)),
        ("a subject's reviews", slash_response.of_subject("sample", of_subject, reader)),
    ):
        yield f"response to /reviews: {name}", Message(response["text"], response["blocks"])


def _messages(policy: Policy) -> Iterator[Shape]:
    """What looks the same in every queue."""
    review = next(iter(_reviews("user", "sample")))._replace(id=1)
    state = (SESSION, Status.CLAIMED, PERSON, AT)
    reply = ActionAnnouncement(ActionTopic.ESCALATED, PERSON, (PERSON,), PERSON, "A comment")
    yield "thread reply", thread_reply("sample", reply, SESSION, policy)
    for name, message in (
        ("reminder", HolderReminder((PERSON,), *state)),
        ("question whether a claim is still worked on", StillOnItQuestion((PERSON,), *state)),
        ("reminder of a missing verdict", VerdictMissing((PERSON,), *state)),
    ):
        yield f"direct message: {name}", direct_message("sample", message, LINK, review, LINK)
    ended = ReminderEnded((PERSON,), SESSION, Action.RELEASE, PERSON, None, SessionState.REVIEW)
    yield "direct message: answered", reminder_ended("sample", ended, LINK, 1)
    refused = ActionRefused(Refused.HELD_BY_OTHER, Action.CLAIM, SESSION, "user", Status.CLAIMED, PERSON, AT)
    yield "ephemeral message: refusal", action_outcome(refused)
    yield "ephemeral message: moved card", card_moved(CardMoved(SESSION, CHANNEL, TS), LINK)
    yield "ephemeral message: form not shown", modal_not_shown(Action.RESOLVE, SESSION)
    yield "former card", former_card("sample", SESSION, CHANNEL, LINK)
    yield "closing form", closing_modal("Not recorded", "Sample")
    yield "operations alert", ops_alert("sample", DeliveryHeld(CHANNEL, "is_archived"))


def _reviews(queue: str, outcome: str) -> list[Review]:
    """Return a made-up review in each status that a card can show, and a snoozed one."""
    found = [
        Review(
            session_id=SESSION,
            entity_type=EntityType(queue),
            queue=queue,
            session_state=SessionState.VERIFIED if status is Status.CLOSED else SessionState.REVIEW,
            session_event_at=AT,
            session_event_id="sample",
            status=status,
            checks=Checks((Check("identity", "refused", ("sample",)),)),
            claimed_by=PERSON if status in {Status.CLAIMED, Status.PROPOSED} else None,
            claimed_at=AT,
            decided_by=PERSON if status in {Status.PROPOSED, Status.DECIDED} else None,
            decided_at=AT,
            outcome=outcome if status in {Status.PROPOSED, Status.DECIDED} else None,
            note="Sample" if status in {Status.PROPOSED, Status.DECIDED} else None,
            opened_at=AT,
            due_at=AT,
        )
        for status in Status
    ]
    claimed = next(review for review in found if review.status is Status.CLAIMED)
    return [*found, claimed._replace(snoozed_until=AT, snooze_reason="sample")]
