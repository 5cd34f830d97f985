// Sign in with an account's name and token.
import { post } from "./api.js";
import { $ } from "./dom.js";
import { busy } from "./say.js";

$("#login").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  busy($("button", form), async () => {
    $("#login-error").textContent = "";
    try {
      await post("/session", { name: form.elements.name.value, token: form.elements.token.value });
      location.assign(form.dataset.next);
    } catch (error) {
      $("#login-error").textContent = error.message;
      form.elements.token.focus();
    }
  });
});
