"""The precautions of the protocol, each of which a test takes away."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Protocol:
    """The precautions. All of them are taken unless a test takes one away."""

    subject_first: bool = True  # a batch of reads has no order: both must hold
    row_before_seen: bool = True
    spills: bool = True
    commits_on_condition: bool = True
    answers_may_be_lost: bool = True
    trusts_lost_answers: bool = False
    acknowledges_last: bool = True
    reads_members_again: bool = True
    reads_members_after_rows: bool = True
    reads_members_again_after_conflict: bool = True
    looks_where_it_was: bool = True
    raises_the_left_version: bool = True
    leaves_a_tombstone_of_nothing: bool = True
    tombstone_keeps_ids: bool = True
    folds: bool = True
    folds_with_the_member: bool = True
    removes_with_the_fold: bool = True
    folds_what_it_read: bool = True
    checks_the_former_user: bool = True
    fires_with_the_fold: bool = True
    fires_every_rule: bool = True
    fires_with_the_row: bool = True
    adopts_leads_that_stand: bool = True
