from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.mfa.webauthn import forms as passkeys
from django import forms
from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext_lazy as _

from companies.models import Consent, ConsentText
from ecoeficiencia.fields import NameField

RULES = _("Diez caracteres o más; evite las contraseñas comunes.")


class SignupForm(allauth_forms.SignupForm):
    """A person's account: who they are and the wording they agreed to. The company comes afterwards."""

    first_name = NameField(label=_("Nombres"), max_length=150)
    last_name = NameField(label=_("Apellidos"), max_length=150)
    consent = forms.BooleanField(
        label=_("Acepto el tratamiento de mis datos personales"),
        error_messages={"required": _("Para crear la cuenta necesitamos su autorización sobre sus datos personales.")},
    )

    field_order = ["first_name", "last_name", "email", "password1", "consent"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.text = ConsentText.current()
        self.fields["password1"].help_text = RULES
        if self.text:
            self.fields["consent"].help_text = self.text.text

    def try_save(self, request):
        """A known address costs what a new one costs: the time of the answer must not tell them apart."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def custom_signup(self, request, user):
        super().custom_signup(request, user)
        if self.text:
            Consent.objects.create(user=user, text=self.text, ip=get_adapter().get_client_ip(request))


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].help_text = ""  # the page has a way of its own for who forgot it
        self.fields["password1"].help_text = RULES


class SetPasswordForm(allauth_forms.SetPasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = RULES


class ResetPasswordKeyForm(allauth_forms.ResetPasswordKeyForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = RULES


class AddEmailForm(allauth_forms.AddEmailForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Correo nuevo")


class AddPasskeyForm(passkeys.AddWebAuthnForm):
    name = forms.CharField(
        label=_("Nombre"), required=False, help_text=_("Para reconocerla: «Laptop de la oficina», «Mi teléfono».")
    )
    passwordless = forms.BooleanField(
        label=_("Ingresar solo con esta llave"),
        required=False,
        initial=True,
        help_text=_("Sin escribir la contraseña. Su equipo le pedirá la huella, el rostro o el PIN."),
    )


class EditPasskeyForm(passkeys.EditWebAuthnForm):
    name = forms.CharField(label=_("Nombre"), max_length=100)
