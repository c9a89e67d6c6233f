"""Which new passwords are refused, and why: what guessers try first."""

from __future__ import annotations

from chalicelib.identity.rules import check_password

_COMMON = """
0000000000 0123456789 0987654321 1029384756 1111111111 1112131415 1122334455 11223344556
1212121212 1231231231 123123123123 1234512345 123456123456 1234567890 12345678900 12345678901
123456789012 1234567890a 1234567891 12345678910 123456789123 1234567899 123456789a 123456789q
123456789z 123qweasdzxc 1357924680 1472583690 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc
2222222222 5555555555 7777777777 9876543210 9999999999 a123456789 a1b2c3d4e5 aa123456789
aaaaaaaaaa abc1234567 abc123456789 abcd123456 abcd1234567 abcdefghij abcdefghijk access1234
admin12345 admin123456 adminadmin administrator asdasdasdasd asdf123456 asdfasdfasdf asdfghjkl1
asdfghjkl123 asdfghjklz barcelona1 baseball123 basketball basketball1 bismillah1 blink182182
butterfly1 butterfly123 changeme123 changemenow charlie123 chocolate1 chocolate123 christopher
chrysler123 clouddeck1 clouddeck123 computer123 consultant cristiano7 default123 dragon12345
elizabeth1 essential1 facebook123 fktrcfylh123 football12 football123 forever123 freedom123
gfhjkm12345 google12345 hello12345 hello123456 helloworld helloworld1 iloveyou12 iloveyou123
iloveyou1234 jennifer123 jonathan123 justinbieber leavemealone letmein123 letmein1234
letmeinplease liverpool1 liverpool123 login12345 lol123456789 loveyou123 manchester1
manchesterunited michael123 michelle123 minecraft1 minecraft123 monkey12345 motdepasse mypassword
mypassword1 naruto12345 newpassword ninja123456 nothing123 p@ssw0rd123 p@ssword123 pa$$w0rd123
parola12345 pass123456 pass12345678 passpasspass passw0rd12 passw0rd123 password00 password01
password10 password11 password12 password123 password1234 password12345 password123456
password2024 password2025 password2026 passwordpassword playboy123 pokemon123 princess12
princess123 q1w2e3r4t5 q1w2e3r4t5y6 qazwsx12345 qazwsxedc1 qazwsxedc123 qazwsxedcrfv qq123456789
qwe1234567 qweasdzxc1 qweasdzxc123 qwer123456 qwerasdfzxcv qwerty1234 qwerty12345 qwerty123456
qwerty1234567 qwertyqwerty qwertyuiop qwertyuiop1 qwertyuiop12 qwertyuiop123 realmadrid
realmadrid1 secret12345 secret123456 september1 spiderman1 spiderman123 starwars123 summer2024
summer2025 summer2026 sunshine12 sunshine123 superman12 superman123 temp123456 test123456
test1234567 testtest123 thisismypassword trustno1trustno1 unbelievable undertaker universal1
victoria123 w123456789 welcome123 welcome1234 welcome2024 welcome2025 welcome2026 whatever12
whatever123 wordpass123 yourpassword z123456789 zaq12wsxcde3 zaq1zaq1zaq1 zxcvbnm123 zxcvbnm1234
zxcvbnmasd
"""
COMMON = frozenset(_COMMON.split())
"""Passwords of at least ten characters that stand high in lists of leaked ones."""

_FEWEST_CHARACTERS = 4


def check_new_password(password: str, email: str) -> str:
    """The password; raises ValueError with the rule that it breaks.

    Lengths as of `check_password`. Beyond that it is refused when a guesser who knows the address
    would try it early (NIST SP 800-63B, 5.1.1.2); which characters it has is nobody's business.
    """
    check_password(password)
    folded = password.casefold()
    if folded in _own(email):
        raise ValueError("A password is not one's own e-mail address.")
    if folded in COMMON or folded.rstrip("!.?") in COMMON:
        raise ValueError("This password is among the first that guessers try.")
    if len(set(folded)) < _FEWEST_CHARACTERS:
        raise ValueError(f"A password has at least {_FEWEST_CHARACTERS} different characters.")
    return password


def _own(email: str) -> set[str]:
    name, _, domain = email.casefold().partition("@")
    return {email.casefold(), name, domain, f"{name}{domain}", f"{domain}{name}"}
