"""The mailbox of the demonstration."""

from ecoeficiencia.mailbox import letters
from ecoeficiencia.writing import dmyhm


def test_the_hour_of_a_letter_is_that_of_peru(tmp_path):
    (tmp_path / "1.log").write_bytes(b"Subject: Hola\nDate: Sat, 28 Nov 2026 16:08:00 -0000\n\nTexto\n")
    assert [dmyhm(letter.sent_at) for letter in letters(tmp_path)] == ["28/11/2026, 11:08"]
