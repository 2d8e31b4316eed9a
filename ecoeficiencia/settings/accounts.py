"""Who signs in and how: passwords, second factors, other identities, how long a session lasts."""

from django.core.exceptions import ImproperlyConfigured

from .environment import DEMO, SECURE, env

AUTH_USER_MODEL = "companies.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "companies.passwords.KnownPasswordValidator"},
    {"NAME": "companies.passwords.OwnWordsValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "public:doors"
ACCOUNT_ADAPTER = "companies.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "companies.forms.accounts.SignupForm",
    "add_email": "companies.forms.accounts.AddEmailForm",
    "change_password": "companies.forms.accounts.ChangePasswordForm",
    "set_password": "companies.forms.accounts.SetPasswordForm",
    "reset_password_from_key": "companies.forms.accounts.ResetPasswordKeyForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_ON_GET = False
# Wrong passwords are slowed by companies/throttle.py; a workshop signs in at once behind one address.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "signup": "60/m/ip", "login_failed": "5/5m/key"}
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60  # seconds
MFA_ADAPTER = "companies.accounts.SecondFactorAdapter"
MFA_FORMS = {
    "add_webauthn": "companies.forms.accounts.AddPasskeyForm",
    "edit_webauthn": "companies.forms.accounts.EditPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Ecoeficiencia Perú"
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds that a telephone's clock may be off
# Passkeys ask for TLS; browsers make an exception for localhost, where the demonstration runs.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
# The identity provider of the institution, when there is one. Linked by somebody signed in, never by an equal address.
OIDC_URL, OIDC_NAME = env("ECO_OIDC_URL"), env("ECO_OIDC_NAME", "cuenta institucional")
SOCIALACCOUNT_ADAPTER = "companies.accounts.IdentityAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "institucional",
                    "name": OIDC_NAME,
                    "client_id": env("ECO_OIDC_CLIENT_ID"),
                    "secret": env("ECO_OIDC_SECRET"),
                    "settings": {"server_url": OIDC_URL},
                }
            ],
        }
    }
    if OIDC_URL
    else {}
)
# Who must have a second factor while nobody said otherwise in the panel: staff, monitor, auditor, company.
SECOND_FACTOR = [name for name in env("ECO_SECOND_FACTOR", "" if DEMO else "staff,monitor,auditor").split(",") if name]
if unknown := set(SECOND_FACTOR) - {"staff", "monitor", "auditor", "company"}:
    raise ImproperlyConfigured(f"ECO_SECOND_FACTOR names {', '.join(sorted(unknown))}; see docs/operations.md.")
INVITATIONS_PER_DAY = 20  # mails a company may have sent to addresses of its choice
# Minutes without a request, hours in all, after which one signs in again.
SESSION_LIMITS = {
    "staff": (int(env("ECO_STAFF_IDLE_MINUTES", "30")), int(env("ECO_STAFF_MAX_HOURS", "12"))),
    "company": (int(env("ECO_COMPANY_IDLE_MINUTES", "480")), int(env("ECO_COMPANY_MAX_HOURS", "336"))),
}
