// Passkeys: allauth's script holds the ceremony. A button says with data-passkey which one it begins; a failure is said.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-passkey]")) {
    const { passkey, credential, passwordless } = button.dataset;
    const ids = { add: button.id, authenticate: button.id, login: button.id, credential, passwordless, data: "js_data" };
    window.allauth.webauthn.forms[passkey]({ ids });
    button.hidden = false;
  }
});
document.addEventListener("allauth.error", (event) => {
  const box = document.querySelector("[data-passkey-trouble]");
  if (!box) return;
  const insecure = event.detail.exception?.name === "SecurityError";
  box.querySelector("[data-passkey-insecure]").hidden = !insecure;
  box.querySelector("[data-passkey-other]").hidden = insecure;
  box.hidden = false;
  event.preventDefault();
});
