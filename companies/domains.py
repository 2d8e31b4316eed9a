"""The domains of a company's mail and web page, and which mail anybody can have for nothing."""

from urllib.parse import urlsplit

FREE_MAIL = frozenset(
    [
        "gmail.com", "googlemail.com", "hotmail.com", "hotmail.es", "outlook.com", "outlook.es", "outlook.pe",
        "live.com", "live.com.pe", "msn.com", "yahoo.com", "yahoo.es", "yahoo.com.pe", "ymail.com", "icloud.com",
        "me.com", "mac.com", "proton.me", "protonmail.com", "aol.com", "gmx.com", "mail.com", "zoho.com",
        "terra.com.pe", "speedy.com.pe",
    ]
)  # fmt: skip


def mail_domain(email: str) -> str:
    return email.rpartition("@")[2].lower()


def web_domain(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def differ(email: str, url: str) -> bool:
    """Whether a corporate mail and a web page are of two domains, neither part of the other."""
    mail, web = mail_domain(email), web_domain(url)
    if not mail or not web or mail in FREE_MAIL:
        return False
    return mail != web and not mail.endswith(f".{web}") and not web.endswith(f".{mail}")
