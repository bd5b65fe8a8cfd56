"""E-mail templates for order messages."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from email.message import EmailMessage
from string import Template

ORDER_CONFIRMATION = Template("Hello $name,\n\nwe have received order $order_id. Total: $total.\n")


def render(template: Template, values: Mapping[str, str]) -> str:
    """Fill the placeholders of a text template; a missing value is an error."""
    try:
        return template.substitute(values)
    except KeyError as error:
        raise ValueError(f"no value for ${error.args[0]}") from error


def to_html(text: str) -> str:
    paragraphs = (p for p in text.strip().split("\n\n") if p)
    return "".join(f"<p>{html.escape(p).replace(chr(10), '<br>')}</p>" for p in paragraphs)


def build_message(sender: str, recipient: str, subject: str, text: str) -> EmailMessage:
    """Assemble a message with a plain text part and an HTML alternative."""
    message = EmailMessage()
    message["From"], message["To"] = sender, recipient
    message["Subject"] = strip_newlines(subject)
    message.set_content(text)
    message.add_alternative(to_html(text), subtype="html")
    return message


def strip_newlines(value: str) -> str:
    """Guard against header injection."""
    return re.sub(r"[\r\n]+", " ", value).strip()
