"""A computation shows how far it is, can be stopped, and writes its result once or not at all."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse

from incubator.accounts.enums import StaffGroup
from incubator.common.dbroles import Role, database_role
from incubator.common.errors import DomainError, NotAllowed
from incubator.jobs import selectors, services
from incubator.jobs import work as works
from incubator.jobs.enums import JobState
from incubator.jobs.errors import JobEnded, JobUnderway
from incubator.jobs.models import LOST_AFTER, Job
from incubator.jobs.work import Work, register_work
from incubator.mailing.models import Mail
from tests.factories.accounts import UserFactory, acting, acting_staff

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
STEPS = 3


class NoTable(DomainError):
    code = "no_table"
    message = "no table"


def clock():
    return NOW


@pytest.fixture
def manager(db):
    return acting_staff(StaffGroup.MATCHING)


@pytest.fixture
def counting(monkeypatch):
    """A computation of three steps that writes one mail; `at` is called before each step."""
    monkeypatch.setattr(works, "EVERY", 0)
    monkeypatch.setattr(works, "_works", dict(works._works))

    class Counting:
        at = staticmethod(lambda job, step: None)
        computed = 0

        def compute(self, job, progress):
            for step in range(STEPS):
                self.at(job, step)
                progress(step, STEPS, "Counting")
            self.computed += 1
            return self.finish

        def finish(self, job):
            Mail.objects.create(
                topic="test", key=f"job-{job.pk}", address="a@test.example", subject="s", made_at=NOW
            )
            return {"steps": STEPS}

    counting = Counting()
    register_work(
        Work("counting", "Counting", counting.compute, (StaffGroup.MATCHING,), lambda job: "/admin/?done")
    )
    return counting


def started(actor, **values):
    return services.start_job(kind="counting", actor=actor, now=NOW, **values)


def run(job):
    services.run_job(job_id=job.pk, clock=clock)
    job.refresh_from_db()
    return job


@pytest.mark.django_db
class TestRunning:
    def test_it_writes_its_result_with_its_end(self, manager, counting):
        job = run(started(manager))
        assert (job.state, job.result, job.ended_at) == (JobState.DONE, {"steps": STEPS}, NOW)
        assert Mail.objects.count() == 1

    def test_run_again_it_writes_nothing_more(self, manager, counting):
        job = run(started(manager))
        assert services.run_job(job_id=job.pk, clock=clock) is None
        assert (counting.computed, Mail.objects.count()) == (1, 1)

    def test_it_begins_when_what_asked_for_it_is_committed(
        self, manager, counting, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            job = started(manager)
            assert job.state == JobState.QUEUED
        job.refresh_from_db()
        assert job.state == JobState.DONE

    def test_one_of_a_subject_at_a_time(self, manager, counting):
        started(manager, subject="a")
        started(manager, subject="b")
        with pytest.raises(JobUnderway):
            started(manager, subject="a")
        run(Job.objects.get(subject="a"))
        started(manager, subject="a")

    def test_only_its_groups_start_and_stop_it(self, manager, counting):
        job = started(manager)
        other = acting_staff(StaffGroup.LEASES)
        for forbidden in (
            lambda: started(other, subject="x"),
            lambda: services.stop_job(job=job, actor=other, now=NOW),
        ):
            with pytest.raises(NotAllowed):
                forbidden()

    def test_a_refusal_ends_it_in_words(self, manager, counting):
        def refuse(job, step):
            raise NoTable

        counting.at = refuse
        job = run(started(manager))
        assert (job.state, job.problem, Mail.objects.count()) == (JobState.FAILED, "no table", 0)

    def test_an_error_ends_it_without_its_text(self, manager, counting):
        def fail(job, step):
            raise ZeroDivisionError("secret")

        counting.at = fail
        job = run(started(manager))
        assert (job.state, "secret" in job.problem, bool(job.problem)) == (JobState.FAILED, False, True)


@pytest.mark.django_db
class TestStopping:
    @pytest.mark.parametrize("at", range(STEPS))
    def test_half_way_it_writes_nothing(self, manager, counting, at):
        def stop(job, step):
            if step == at:
                services.stop_job(job=job, actor=manager, now=NOW)

        counting.at = stop
        job = run(started(manager))
        assert (job.state, job.stop_asked_by, Mail.objects.count()) == (JobState.STOPPED, manager, 0)

    def test_between_the_last_step_and_its_end(self, manager, counting, monkeypatch):
        """Nobody looks any more at `progress`: the row itself is asked before anything is written."""
        compute = counting.compute

        def and_stop(job, progress):
            finish = compute(job, progress)
            services.stop_job(job=job, actor=manager, now=NOW)
            return finish

        register_work(Work("counting", "Counting", and_stop, (StaffGroup.MATCHING,), lambda job: ""))
        assert run(started(manager)).state == JobState.STOPPED
        assert Mail.objects.count() == 0

    def test_one_that_waits_ends_at_once_and_never_runs(self, manager, counting):
        job = services.stop_job(job=started(manager), actor=manager, now=NOW)
        assert job.state == JobState.STOPPED
        run(job)
        assert counting.computed == 0

    def test_what_has_ended_stays_as_it_is(self, manager, counting):
        job = run(started(manager))
        with pytest.raises(JobEnded):
            services.stop_job(job=job, actor=manager, now=NOW)
        for change in (
            lambda: Job.objects.update(result={}),
            lambda: Job.objects.all()._raw_delete("default"),
        ):
            with pytest.raises(ProgrammingError), transaction.atomic():
                change()


@pytest.mark.django_db
class TestLostWorkers:
    def lost(self, manager, counting):
        """A job that a worker took, which then was killed."""
        job = started(manager)
        Job.objects.update(state=JobState.RUNNING, attempt=1, beat_at=NOW)
        return job

    def test_nobody_takes_it_while_it_may_be_alive(self, manager, counting):
        job = self.lost(manager, counting)
        assert services.run_job(job_id=job.pk, clock=lambda: NOW + LOST_AFTER) is None

    def test_another_takes_it_over_and_the_first_may_write_no_more(self, manager, counting):
        job = started(manager)
        later = NOW + LOST_AFTER + timedelta(seconds=1)

        def overtaken(inner, step):
            if inner.attempt == 1 and step == 1:
                services.run_job(job_id=job.pk, clock=lambda: later)

        counting.at = overtaken
        run(job)
        assert (job.state, job.attempt, counting.computed) == (JobState.DONE, 2, 1)
        assert Mail.objects.count() == 1

    def test_it_is_given_up_in_the_end(self, manager, counting):
        job = self.lost(manager, counting)
        assert services.give_up_lost(now=NOW + LOST_AFTER) == 0
        assert services.give_up_lost(now=NOW + 6 * LOST_AFTER) == 1
        job.refresh_from_db()
        assert (job.state, bool(job.problem)) == (JobState.FAILED, True)

    def test_what_the_queue_lost_is_queued_again(self, manager, counting, django_capture_on_commit_callbacks):
        job = started(manager)
        with django_capture_on_commit_callbacks(execute=True):
            services.give_up_lost(now=NOW + 2 * LOST_AFTER)
        job.refresh_from_db()
        assert job.state == JobState.DONE


@pytest.mark.django_db
class TestReaders:
    def test_only_staff(self, manager, counting):
        started(manager)
        person = UserFactory()
        assert selectors.jobs_for(acting(person, "founder", 1)).count() == 0
        assert selectors.jobs_for(manager).count() == 1
        for role in (Role.FOUNDER, Role.INVESTOR, Role.ADVISER, Role.PUBLIC):
            with (
                database_role(role, user_id=person.pk, company_ids=[1]),
                connection.cursor() as cursor,
                pytest.raises(ProgrammingError),
                transaction.atomic(),
            ):
                cursor.execute("SELECT params FROM jobs_job")

    def test_the_pages(self, client, counting):
        person = acting_staff(StaffGroup.MATCHING)
        client.force_login(person)
        job = started(person)
        address = reverse("admin:jobs_job_change", args=[job.pk])
        page = client.get(address).content.decode()
        assert "every 1s" in page
        assert 'http-equiv="refresh"' in page
        client.post(reverse("admin:jobs_job_stop", args=[job.pk]))
        for shown in (address, reverse("admin:jobs_job_progress", args=[job.pk])):
            page = client.get(shown).content.decode()
            assert "every 1s" not in page
            assert "<progress" not in page
        assert client.get(reverse("admin:jobs_job_stop", args=[job.pk])).status_code == 405
