"""A job → the client that asks Amazon for it: ``open_client``."""

from admatch.amazon.client import AdsClient
from admatch.amazon.credentials import read_credentials
from admatch.amazon.job import AmazonJob
from admatch.amazon.regions import find_region


def open_client(job: AmazonJob) -> AdsClient:
    """Return the client of a job's profile, with credentials from its file or the environment."""
    credentials = read_credentials(job.credentials)
    return AdsClient(find_region(job.region), credentials, job.profile, version=job.api)
