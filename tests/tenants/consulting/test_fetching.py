"""Addresses that lead astray, and calendars made to hurt."""

import datetime as dt
import ssl
import threading
import time
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tenants.consulting.busy import NotACalendar, busy_times, read_apart
from tenants.consulting.fetching import Limits, Unreadable, fetch, is_public
from tenants.consulting.quarters import SEOUL

HOST = "calendar.example"


def certificate(folder):
    """A certificate for HOST, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "tls.pem"
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


class Answers(BaseHTTPRequestHandler):
    """/ok answers; /to?URL sends on; /large never ends, /told says it is large, /slow drips."""

    def do_GET(self):
        path, _, rest = self.path.partition("?")
        if path == "/to":
            self.send_response(302)
            self.send_header("Location", rest)
            self.end_headers()
            return
        self.send_response(404 if path == "/gone" else 200)
        self.send_header("Content-Type", "image/png")
        if path == "/told":
            self.send_header("Content-Length", str(20 * 1024 * 1024))
        self.end_headers()
        try:
            if path == "/ok":
                self.wfile.write(b"BEGIN:VCALENDAR")
            while path == "/large":
                self.wfile.write(b"x" * 65536)
            while path == "/slow":
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            return

    def log_message(self, *args):
        """A test's server says nothing."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    pem = certificate(tmp_path_factory.mktemp("tls"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    server.trust = ssl.create_default_context(cafile=str(pem))
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def get(server):
    """Fetch from the test's server as if it were public."""

    def fetch_path(path, *, addresses=("127.0.0.1",), allowed=lambda address: True, host=HOST, seconds=20.0):
        port = server.server_address[1]
        limits = Limits(most_bytes=5 * 1024 * 1024, seconds=seconds, ports=(port, 443))
        return fetch(
            f"https://{host}:{port}{path}",
            limits=limits,
            find=lambda host, port: list(addresses),
            allowed=allowed,
            context=server.trust,
        )

    return fetch_path


def refused(call, *args, **values):
    with pytest.raises(Unreadable) as caught:
        call(*args, **values)
    return caught.value.code


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.3.4",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fe80::1%eth0",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "not an address",
            "",
        ],
    )
    def test_inside_the_house(self, address):
        assert not is_public(address)

    @pytest.mark.parametrize(
        "address", ["8.8.8.8", "203.248.252.2", "2001:4860:4860::8888", "::ffff:8.8.8.8"]
    )
    def test_of_the_world(self, address):
        assert is_public(address)

    def test_the_real_judge_refuses_the_test_server_itself(self, get):
        assert refused(get, "/ok", allowed=is_public) == "not_public"

    def test_one_private_address_among_public_ones_is_enough(self, get):
        assert refused(get, "/ok", addresses=("8.8.8.8", "10.0.0.1"), allowed=is_public) == "not_public"

    @pytest.mark.parametrize(
        "url",
        [
            "http://calendar.example/a.ics",
            "ftp://calendar.example/",
            "file:///etc/passwd",
            "https://",
            "https://user:pass@calendar.example/",
            "https://calendar.example:22/",
            "https://calendar.example:99999/",
            "https://calendar.example/\r\nHost: inside",
            "https://[::1/",
            "//calendar.example/",
            "gopher://calendar.example/",
            "",
        ],
    )
    def test_only_plain_https(self, url):
        assert refused(fetch, url, find=lambda host, port: ["8.8.8.8"]) == "bad_address"

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "[::1]", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"]
    )
    def test_names_of_this_machine_by_the_real_resolver(self, host):
        assert refused(fetch, f"https://{host}/") in ("not_public", "unreachable")


class TestFetching:
    def test_reads_whatever_type_it_says_to_be(self, get):
        assert get("/ok") == b"BEGIN:VCALENDAR"

    def test_follows_a_redirect_and_judges_it_again(self, get, server):
        port = server.server_address[1]
        assert get(f"/to?https://{HOST}:{port}/ok") == b"BEGIN:VCALENDAR"
        assert refused(get, "/to?http://127.0.0.1/") == "bad_address"
        asked = []

        def allowed(address):
            asked.append(address)
            return len(asked) == 1

        assert refused(get, f"/to?https://inside.example:{port}/ok", allowed=allowed) == "not_public"

    def test_stops_going_round(self, get, server):
        port = server.server_address[1]
        path = "/ok"
        for _ in range(5):
            path = f"/to?https://{HOST}:{port}{path}"
        assert refused(get, path) == "too_many_redirects"

    def test_connects_to_the_address_that_was_judged(self, get):
        """A name that has moved by the second question is not asked again: the first answer is where we go."""
        assert get("/ok", addresses=("127.0.0.1",)) == b"BEGIN:VCALENDAR"
        assert refused(get, "/ok", addresses=("127.0.0.2",), host="other.example") == "unreachable"

    def test_gives_up_what_is_too_large_told_or_not(self, get):
        assert refused(get, "/told") == "too_large"
        assert refused(get, "/large") == "too_large"

    def test_gives_up_what_drips(self, get):
        assert refused(get, "/slow", seconds=0.4) == "too_slow"

    def test_says_what_is_gone(self, get):
        assert refused(get, "/gone") == "not_found"


def ics(*events: str) -> bytes:
    body = "\r\n".join(f"BEGIN:VEVENT\r\nUID:{n}\r\n{event}\r\nEND:VEVENT" for n, event in enumerate(events))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y\r\n{body}\r\nEND:VCALENDAR\r\n".encode()


def busy(*events: str, first: date = date(2027, 2, 1), last: date = date(2027, 2, 28)):
    return [
        (f"{starts:%d %H:%M}", f"{ends:%d %H:%M}")
        for starts, ends in busy_times(ics(*events), first=first, last=last)
    ]


class TestBusyTimes:
    def test_zones_whole_days_and_local_times(self):
        assert busy(
            "DTSTART:20270202T050000Z\r\nDTEND:20270202T060000Z",
            "DTSTART;VALUE=DATE:20270203\r\nDTEND;VALUE=DATE:20270205",
            "DTSTART;VALUE=DATE:20270206",
            "DTSTART:20270210T090000\r\nDURATION:PT90M",
        ) == [
            ("02 14:00", "02 15:00"),
            ("03 00:00", "05 00:00"),
            ("06 00:00", "07 00:00"),
            ("10 09:00", "10 10:30"),
        ]

    def test_cancelled_and_transparent_events_are_none(self):
        assert (
            busy(
                "DTSTART:20270202T050000Z\r\nDTEND:20270202T060000Z\r\nSTATUS:CANCELLED",
                "DTSTART:20270203T050000Z\r\nDTEND:20270203T060000Z\r\nTRANSP:TRANSPARENT",
            )
            == []
        )

    def test_repeats_with_exceptions_within_the_days_asked_for(self):
        assert busy(
            "DTSTART;TZID=Asia/Seoul:20260105T090000\r\nDTEND;TZID=Asia/Seoul:20260105T100000\r\n"
            "RRULE:FREQ=WEEKLY\r\nEXDATE;TZID=Asia/Seoul:20270208T090000"
        ) == [("01 09:00", "01 10:00"), ("15 09:00", "15 10:00"), ("22 09:00", "22 10:00")]

    def test_what_began_before_is_cut_and_what_overlaps_is_joined(self):
        assert busy(
            "DTSTART:20270120T000000Z\r\nDTEND:20270202T000000Z",
            "DTSTART:20270201T230000Z\r\nDTEND:20270202T030000Z",
        ) == [("01 00:00", "02 12:00")]

    @pytest.mark.parametrize("frequency", ["SECONDLY", "MINUTELY", "HOURLY"])
    def test_rules_that_never_end_are_left_out(self, frequency):
        event = f"DTSTART:20270101T000000Z\r\nDTEND:20270101T000001Z\r\nRRULE:FREQ={frequency};INTERVAL=1"
        assert busy(event) == []

    def test_a_rule_folded_over_lines_is_seen(self):
        event = "DTSTART:20270101T000000Z\r\nDTEND:20270101T000001Z\r\nRRULE:FREQ=SEC\r\n ONDLY"
        assert busy(event) == []

    def test_daily_for_ten_thousand_years_is_a_month_of_it(self):
        event = "DTSTART:19000101T000000Z\r\nDTEND:19000101T010000Z\r\nRRULE:FREQ=DAILY"
        assert len(busy(event)) == 28

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<html>",
            b"\x00\xff" * 100,
            b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" * 6000,
            ics(*["DTSTART:20270202T050000Z\r\nRRULE:FREQ=DAILY"] * 501),
        ],
    )
    def test_what_is_no_calendar_is_said_so(self, content):
        with pytest.raises(NotACalendar):
            busy_times(content, first=date(2027, 2, 1), last=date(2027, 2, 2))

    def test_events_that_point_at_each_other_end(self):
        events = [
            "DTSTART:20270202T050000Z\r\nDTEND:20270202T060000Z\r\nRELATED-TO:1\r\nRECURRENCE-ID:20270202T050000Z",
            "DTSTART:20270203T050000Z\r\nDTEND:20270203T060000Z\r\nRELATED-TO:0\r\nRRULE:FREQ=DAILY;COUNT=2;UNTIL=20270202T000000Z",
        ]
        assert len(busy(*events)) <= 3

    def test_no_title_leaves_it(self):
        found = busy_times(
            ics("DTSTART:20270202T050000Z\r\nDTEND:20270202T060000Z\r\nSUMMARY:비밀 면접"),
            first=date(2027, 2, 1),
            last=date(2027, 2, 3),
        )
        assert found == [
            (datetime(2027, 2, 2, 14, tzinfo=SEOUL), datetime(2027, 2, 2, 15, tzinfo=SEOUL)),
        ]


class TestReadingApart:
    DAYS = {"first": date(2027, 2, 1), "last": date(2027, 2, 28)}

    def test_finds_the_same(self):
        content = ics("DTSTART:20260202T050000Z\r\nDTEND:20260202T060000Z\r\nRRULE:FREQ=DAILY")
        found = read_apart(content, **self.DAYS)
        assert found == busy_times(content, **self.DAYS)
        assert len(found) == 28

    def test_what_would_take_for_ever_is_ended(self):
        seconds = ",".join(map(str, range(60)))
        hours = ",".join(map(str, range(24)))
        rule = f"RRULE:FREQ=DAILY;BYHOUR={hours};BYMINUTE={seconds};BYSECOND={seconds}"
        content = ics(*[f"DTSTART:19000101T000000Z\r\nDTEND:19000101T000001Z\r\n{rule}"] * 20)
        with pytest.raises(NotACalendar):
            read_apart(content, **self.DAYS, seconds=1)

    def test_what_is_no_calendar_is_said_so(self):
        with pytest.raises(NotACalendar):
            read_apart(b"<html>", **self.DAYS)
