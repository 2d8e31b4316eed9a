"""Files in an S3-compatible store: the same promises, against a server that speaks its protocol."""

from datetime import timedelta
from uuid import uuid4

import boto3
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from moto.server import ThreadedMotoServer

from ecoeficiencia.files import sweeping
from ecoeficiencia.files.keeping import incoming, is_local
from ecoeficiencia.models import Blob
from ecoeficiencia.settings import storage

from .corpus import pdf, photo


@pytest.fixture
def bucket(settings, monkeypatch, tmp_path):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    own = f"archivos-{uuid4().hex}"  # these servers share what they keep
    named = {"BUCKET": own, "URL": address, "REGION": "us-east-1", "KEY": "clave", "SECRET": "secreta"}
    for name, value in named.items():
        monkeypatch.setenv(f"ECO_S3_{name}", value)
    settings.VAR_DIR = tmp_path
    settings.STORAGES = {**settings.STORAGES, "default": storage()}
    made = boto3.resource(
        "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    ).create_bucket(Bucket=own)
    yield made
    server.stop()


def test_what_is_sent_lies_in_the_bucket_under_its_hash_and_comes_back(bucket, acme, alice, as_):
    client, content = as_(alice), pdf()
    files = {"files": [SimpleUploadedFile("acta.pdf", content), SimpleUploadedFile("foto.jpg", photo())]}
    assert client.post(reverse("empresa:evidences", args=[acme.pk]), files).status_code == 302
    names = {item.key for item in bucket.objects.all()}
    assert names == {blob.path for blob in Blob.objects.all()}
    assert (is_local(), len(names), list(incoming().iterdir())) == (False, 3, [])
    address = reverse("public:evidence_file", args=[acme.evidences.get(title="acta").pk])
    assert b"".join(client.get(address).streaming_content) == content
    assert 'src="?pagina=1"' in client.get(f"{address}?ver=1").text
    assert client.get(f"{address}?pagina=1")["Content-Type"] == "image/jpeg"
    call_command("verify_all")


def test_the_bucket_is_swept_like_a_folder(bucket, acme, alice):
    kept, loose = Blob.store(b"se queda", "text/plain"), Blob.store(b"sobra", "text/plain")
    acme.evidences.create(title="A", filename="a.txt", uploaded_by=alice, blob=kept)
    now = timezone.now()
    assert sweeping.sweep(now) == {"uploads": 0, "rows": 0, "files": 0}
    assert {item.key for item in bucket.objects.all()} == {kept.path, loose.path}
    assert sweeping.sweep(now + timedelta(days=8)) == {"uploads": 0, "rows": 1, "files": 1}
    assert {item.key for item in bucket.objects.all()} == {kept.path}


def test_what_was_changed_in_the_bucket_is_not_handed_out(bucket, acme, alice, as_):
    blob = Blob.store(b"mes,kWh\nenero,2\n", "text/csv", state="clean")
    proof = acme.evidences.create(title="L", filename="l.csv", uploaded_by=alice, blob=blob)
    bucket.put_object(Key=blob.path, Body=b"mes,kWh\nenero,9\n")
    assert as_(alice).get(reverse("public:evidence_file", args=[proof.pk])).status_code == 503
    default_storage.delete(blob.path)
    assert sweeping.verify_some() == 1
