"""What a page carries without showing it."""

import re


def hidden(response, name):
    """The value of the first hidden field `name` of a page."""
    return re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', response.content.decode())[1]
