from __future__ import annotations

import json

import pytest

from adapters.local import doctor
from adapters.local.__main__ import main
from adapters.local.doctor import Finding, examine, print_findings
from adapters.local.settings import Installation


def test_every_finding_that_can_fail_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "_succeeds", lambda *_: False)
    monkeypatch.setattr(doctor, "_output", lambda *_: "")
    monkeypatch.setattr(doctor, "contain", lambda: ())
    findings = examine(Installation(tmp_path / "home", 9400))
    assert {"python", "git", "node", "ministack", "dynoxide", "ports"} <= {f.name for f in findings}
    assert all(finding.fix for finding in findings if not finding.ok)
    assert not (tmp_path / "home").exists()


def test_a_hint_is_no_failure(capsys):
    hint = Finding("bubblewrap", False, "is not installed", "Install it.", needed=False)
    assert print_findings([hint]) == 0
    assert print_findings([hint, Finding("git", False, "not found", "Install git.")]) == 1
    assert "hint  bubblewrap" in capsys.readouterr().out


def test_status_and_down_without_a_running_cloud(tmp_path, capsys):
    where = ["--home", str(tmp_path / "home")]
    assert main(["down", *where]) == 0
    assert main(["status", *where]) == 1
    capsys.readouterr()
    assert main(["status", "--json", *where]) == 1
    assert json.loads(capsys.readouterr().out)["running"] is False


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b rubbish"])
def test_a_damaged_backup_is_one_line(tmp_path, capsys, content):
    file = tmp_path / "backup"
    file.write_bytes(content)
    assert main(["restore", str(file), "--home", str(tmp_path / "home")]) == 5
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "not a CloudDeck backup" in said
    assert not (tmp_path / "home").exists()


def test_a_backup_cannot_write_elsewhere(tmp_path, capsys):
    import io
    import tarfile

    for name, kind in (("../out", tarfile.REGTYPE), ("s3/link", tarfile.SYMTYPE)):
        file = tmp_path / "backup.tar.gz"
        with tarfile.open(file, "w:gz") as archive:
            about = tarfile.TarInfo("backup.json")
            about.size = 12
            archive.addfile(about, io.BytesIO(b'{"format":1}'))
            entry = tarfile.TarInfo(name)
            entry.type = kind
            entry.linkname = "/etc/passwd"
            archive.addfile(entry)
        assert main(["restore", str(file), "--home", str(tmp_path / "home")]) == 5
        assert not (tmp_path / "out").exists()
        assert not (tmp_path / "home").exists()
