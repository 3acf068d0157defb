"""A clamd of our own on a socket: what it says decides who may open a file."""

import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from investors.dataroom import clamd, services
from investors.dataroom.enums import ScanState
from investors.dataroom.models import Document, DocumentVersion
from investors.dataroom.tasks import scan_waiting
from tests.factories.companies import founder_of
from tests.factories.dataroom import NOW, DocumentFactory, FolderFactory, blank_pdf, give_version, uploaded

VIRUS = b"X5O!P%@AP-not-really-a-virus"


class FakeClamd:
    """Takes INSTREAM as clamd does; `answers` replaces its verdict."""

    def __init__(self, family: int, where: Any) -> None:
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.bind(where)
        self.socket.listen()
        self.answer: bytes | None = None
        self.received: list[bytes] = []
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                line, _who = self.socket.accept()
            except OSError:
                return
            with line, line.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                content = b""
                while size := struct.unpack("!L", stream.read(4))[0]:
                    content += stream.read(size)
                self.received.append(content)
                verdict = b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if VIRUS in content else b"stream: OK\0"
                line.sendall(verdict if self.answer is None else self.answer)

    def close(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(5)


@pytest.fixture
def scanner() -> Iterator[tuple[FakeClamd, str]]:
    fake = FakeClamd(socket.AF_INET, ("127.0.0.1", 0))
    yield fake, f"tcp://127.0.0.1:{fake.socket.getsockname()[1]}"
    fake.close()


def test_over_tcp_and_in_pieces(scanner: tuple[FakeClamd, str]) -> None:
    fake, address = scanner
    content = b"x" * (clamd.PIECE * 3 + 17)
    assert clamd.scan(content, address=address).is_clean
    assert fake.received == [content]
    assert clamd.scan(VIRUS, address=address).virus == "Win.Test.EICAR_HDB-1"


def test_over_a_unix_socket(tmp_path: Path) -> None:
    fake = FakeClamd(socket.AF_UNIX, str(tmp_path / "clamd.ctl"))
    assert clamd.scan(b"", address=f"unix://{tmp_path}/clamd.ctl").is_clean
    fake.close()


@pytest.mark.parametrize(
    "answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OKAY\0", b"stream: \0", b"\xff\0"]
)
def test_any_other_answer_is_no_verdict(answer: bytes, scanner: tuple[FakeClamd, str]) -> None:
    fake, address = scanner
    fake.answer = answer
    with pytest.raises(clamd.ScannerAway):
        clamd.scan(b"x", address=address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "unix:///nowhere/clamd.ctl", "clamd", "http://x"])
def test_nobody_there(address: str) -> None:
    with pytest.raises(clamd.ScannerAway):
        clamd.scan(b"x", address=address, seconds=2)


@pytest.mark.django_db
def test_an_upload_waits_for_the_scanner_and_is_then_shown(
    scanner: tuple[FakeClamd, str], settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    fake, settings.CAMP_CLAMD = scanner
    folder = FolderFactory()
    founder = founder_of(folder.company)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        version = services.add_document(
            folder=folder, title="계획서", file=uploaded(blank_pdf()), actor=founder, now=NOW
        )
        assert version.scan_state == ScanState.WAITING
        assert Document.objects.get().current is None
    assert len(callbacks) == 1
    version.refresh_from_db()
    assert version.scan_state == ScanState.CLEAN
    document = Document.objects.get()
    assert document.current == version
    infected = give_version(document, blank_pdf() + VIRUS, scan_state=ScanState.WAITING)
    assert services.scan_version(version_id=infected.pk, now=NOW) == ScanState.INFECTED
    infected.refresh_from_db()
    assert infected.scan_note == "Win.Test.EICAR_HDB-1"
    document.refresh_from_db()
    assert document.current == version  # firms keep what was clean
    assert services.scan_version(version_id=infected.pk, now=NOW) == ""
    assert len(fake.received) == 2


@pytest.mark.django_db
def test_a_scanner_that_is_away_is_asked_again(
    scanner: tuple[FakeClamd, str], settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    fake, settings.CAMP_CLAMD = scanner
    fake.answer = b""
    version = give_version(
        DocumentFactory(content__scan_state=ScanState.WAITING), scan_state=ScanState.WAITING
    )
    assert services.scan_version(version_id=version.pk, now=NOW) == ScanState.FAILED
    assert Document.objects.get().current is None
    fake.answer = None
    with django_capture_on_commit_callbacks(execute=True):
        assert scan_waiting() == 2
    assert set(DocumentVersion.objects.values_list("scan_state", flat=True)) == {ScanState.CLEAN}
    assert Document.objects.get().current == version


@pytest.mark.django_db
def test_what_came_before_the_scanner_is_looked_at_when_there_is_one(
    scanner: tuple[FakeClamd, str], settings: Any
) -> None:
    fake, address = scanner
    document = DocumentFactory(content=blank_pdf() + VIRUS)
    assert services.unscanned() == []  # nobody to ask
    settings.CAMP_CLAMD = address
    assert services.unscanned() == [document.current_id]
    fake.answer = b""
    services.scan_version(version_id=document.current_id, now=NOW)
    document.refresh_from_db()
    assert document.current is not None  # silence takes nothing away
    fake.answer = None
    services.scan_version(version_id=document.current_id, now=NOW)
    document.refresh_from_db()
    assert document.current is None
