from celery import shared_task

from .jobs import Job


@shared_task
def run_job(pk):
    """Do one job. A message that comes twice, late, or for a row that is gone does nothing."""
    if job := Job.objects.filter(pk=pk).first():
        job.run()


@shared_task
def relay_jobs():
    """Send again what the broker lost or never got."""
    Job.objects.relay()
