// Signing in with a passkey, and making one: the browser asks the device, a form takes the answer to
// the server. Buttons have data-passkey ("use" or "make") and say data-passkey-failed when it fails.
(() => {
  "use strict";
  const ADDRESS = "/login/passkey";

  const device = async (making) => {
    const asked = await fetch(ADDRESS + (making ? "/new" : "/ask"), { method: "POST" });
    if (!asked.ok) throw new Error(asked.statusText);
    const options = await asked.json();
    if (making) {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
      return navigator.credentials.create({ publicKey });
    }
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    return navigator.credentials.get({ publicKey });
  };

  const send = (address, values) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = address;
    for (const [name, value] of Object.entries(values)) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      form.append(field);
    }
    document.body.append(form);
    form.submit();
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-passkey]");
    if (!button) return;
    event.preventDefault();
    const making = button.dataset.passkey === "make";
    try {
      const { id, rawId, type, response } = (await device(making)).toJSON();
      const { clientDataJSON, attestationObject, authenticatorData, signature, userHandle } = response;
      const said = making
        ? { clientDataJSON, attestationObject }
        : { clientDataJSON, authenticatorData, signature, userHandle };
      const answer = JSON.stringify({ id, rawId, type, response: said });
      const here = location.pathname + location.search;
      send(making ? `${ADDRESS}/keep` : ADDRESS, { answer, back: button.dataset.back || here });
    } catch {
      button.textContent = button.dataset.passkeyFailed;
    }
  });
})();
