"""What stands in the places of identifiers, and the vault that keeps it the same."""

from __future__ import annotations

import re
import sqlite3
import stat
import subprocess
import sys

import pytest

from metier.errors import InputError, UsageError
from metier.redaction.identifiers import Identifiers
from metier.redaction.redactor import Redactor
from metier.redaction.surrogates import Surrogates
from metier.redaction.vault import Vault

NOTE = (
    "Patient: John Abara, SSN 078-05-1120, phone (617) 555-0134, john@abara.example, seen 3/4/2019 "
    "and 3/18/2019, lives at 12 Oak Street, Boston, MA 02139. IP 10.1.2.3. Mr. Abara is well."
)


@pytest.fixture(scope="module")
def identifiers() -> Identifiers:
    return Identifiers()


@pytest.fixture
def vault(tmp_path) -> Vault:
    """One whose key is known, so that replacements are the same in every run."""
    Vault.open(tmp_path / "known.vault")
    with sqlite3.connect(tmp_path / "known.vault") as connection:
        connection.execute("UPDATE vault SET key = ?", (b"k" * 32,))
    connection.close()
    return Vault.open(tmp_path / "known.vault")


def test_replacements_have_the_form_of_what_they_replace(identifiers, vault):
    redacted = Redactor(identifiers, vault=vault).redact(NOTE).text
    form = (
        r"Patient: [A-Z][a-z]+ [A-Z][a-z]+, SSN 9\d\d-\d\d-\d{4}, phone \(\d{3}\) 555-\d{4}, "
        r"[a-z]+\d{4}@example\.org, seen \d\d?/\d\d?/20\d\d and \d\d?/\d\d?/20\d\d, "
        r"lives at \d\d [A-Z][a-z]+ Street, [A-Z][a-z]+, MA 021\*\*\. IP [\d.]+\. "
        r"Mr\. [A-Z][a-z]+ is well\."
    )
    assert re.fullmatch(form, redacted)
    for word in ("John", "Abara", "078", "0134", "Oak", "Boston", "10.1.2.3", "3/4/2019"):
        assert word not in redacted


def test_a_mask_says_the_kind_and_kept_kinds_stay(identifiers):
    redactor = Redactor(identifiers, mode="mask", keep_kinds=["date", "IP address"])
    masked = redactor.redact(NOTE)
    assert masked.text.startswith(
        "Patient: [name], SSN [social security number], phone [phone number], [e-mail address], "
        "seen 3/4/2019 and 3/18/2019, lives at [address], [place], MA [ZIP code]. IP 10.1.2.3."
    )
    assert redactor.listed(masked.counts).startswith("name 2, address 1, place 1, ZIP code 1")


@pytest.mark.parametrize(
    ("text", "surrogate"),
    [("02139", "021**"), ("03601-1234", "000**"), ("89301", "000**"), ("10001", "100**")],
)
def test_a_zip_code_keeps_three_digits_unless_few_people_live_there(text, surrogate):
    assert Surrogates(b"k" * 32).replace("postal", text, person="") == surrogate


def test_variants_of_a_name_stay_one_person_and_another_key_makes_another():
    surrogates = Surrogates(b"k" * 32)
    variants = ["John Abara", "Abara, John", "ABARA, JOHN A.", "Mr. Abara", "J. Abara"]
    first, last = str(surrogates.replace("name", "John Abara", person="")).split()
    replaced = [
        surrogates.replace("name", name, person="", first_names={"j abara": "John"})
        for name in variants
    ]
    assert [re.sub(r" [A-Z]\.$", "", str(name)) for name in replaced] == [
        f"{first} {last}", f"{last}, {first}", f"{last}, {first}".upper(), f"Mr. {last}",
        f"{first[0]}. {last}",
    ]  # fmt: skip
    assert Surrogates(b"l" * 32).replace("name", "John Abara", person="") != f"{first} {last}"


def test_dates_of_a_person_move_together_and_those_of_others_do_not():
    surrogates = Surrogates(b"k" * 32)
    days = {surrogates.days(f"person {number}") for number in range(200)}
    assert len(days) > 100
    assert 0 not in days
    assert max(map(abs, days)) <= 365


def test_ages_over_89_take_the_year_of_birth_along(identifiers, tmp_path):
    path = tmp_path / "ages.yaml"
    path.write_text(
        "schema: 1\nkinds: [{id: age, surrogate: age}, {id: date-of-birth, surrogate: date}]\n"
        "rules:\n  - {kind: age, value: '9\\d(?= years)'}\n"
        "  - {kind: date-of-birth, labels: [dob], value: '\\d{4}-\\d\\d-\\d\\d'}\n"
    )
    redactor = Redactor(Identifiers(path))
    assert redactor.redact("93 years, DOB 1926-03-04").text == "90+ years, DOB [date of birth]"


def test_a_vault_gives_the_same_replacements_again_and_the_way_back(identifiers, tmp_path):
    path = tmp_path / "names.vault"
    texts = []
    for _ in range(2):
        redactor = Redactor(identifiers, vault=Vault.open(path, reversible=True))
        texts.append(redactor.redact(NOTE, person="7").text)
        redactor.close()
    assert texts[0] == texts[1]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    restored = Vault.open(path).restore(texts[0])
    assert "John Abara" in restored
    assert "(617) 555-0134" in restored


def test_a_vault_without_a_way_back_holds_no_originals(identifiers, tmp_path):
    path = tmp_path / "names.vault"
    vault = Vault.open(path)
    redactor = Redactor(identifiers, vault=vault)
    redactor.redact(NOTE)
    redactor.close()
    assert b"Abara" not in path.read_bytes()
    with pytest.raises(UsageError, match="does not keep what replacements stand for"):
        vault.restore("x")
    with pytest.raises(UsageError, match="reversible=True"):
        Vault.open(path, reversible=True)


def test_damaged_foreign_and_readable_vaults_are_refused(tmp_path):
    path = tmp_path / "names.vault"
    Vault.open(path)
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(InputError, match="is no vault of metier, or it is damaged") as refused:
        Vault.open(path)
    assert refused.value.code == "vault-damaged"
    path.write_text("key: 1234\n" * 100)
    with pytest.raises(InputError, match="no vault of metier"):
        Vault.open(path)
    foreign = tmp_path / "foreign.sqlite3"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE loans (id)")
    connection.close()
    foreign.chmod(0o600)
    with pytest.raises(InputError, match="another program"):
        Vault.open(foreign)
    foreign.chmod(0o644)
    with pytest.raises(UsageError, match="can be read by others"):
        Vault.open(foreign)
    with pytest.raises(UsageError, match="cannot be written"):
        Vault.open(tmp_path / "missing" / "names.vault")


def test_processes_that_make_a_vault_at_once_get_one_key(tmp_path):
    code = (
        "import sys; from metier.redaction.vault import Vault; "
        "vault = Vault.open(sys.argv[1], reversible=True); "
        "vault.remember([('name', f'{sys.argv[2]} {n}', 'x') for n in range(50)]); "
        "print(vault.key.hex())"
    )
    path = tmp_path / "names.vault"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path), str(number)], stdout=subprocess.PIPE, text=True
        )
        for number in range(4)
    ]
    keys = {process.communicate(timeout=60)[0] for process in processes}
    assert len(keys) == 1
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT COUNT(*) FROM originals").fetchone() == (200,)
    connection.close()


def test_one_name_has_one_replacement_however_it_is_encoded(identifiers, vault):
    redactor = Redactor(identifiers, vault=vault)
    names = ["Jos\u00e9 Ab\u00e4ra", "Jose\u0301 Aba\u0308ra", "Jos&eacute;&nbsp;Ab\u00e4\u200bra"]
    texts = {redactor.redact(f"Patient: {name}.").text for name in names}
    assert len(texts) == 1
    assert redactor.redact("Seen March 3-5, 2019.").text == "Seen [date]."
