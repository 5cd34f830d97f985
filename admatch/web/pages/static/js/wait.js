// Count down until the page may be loaded again.
import { $ } from "./dom.js";
import { seconds } from "./format.js";
import { t } from "./words.js";

let left = Number($("#wait").dataset.seconds) || 30;

function tick() {
  if (left <= 0) return location.reload();
  $("#wait").textContent = t("error.wait", { time: seconds(left) });
  left -= 1;
  return setTimeout(tick, 1000);
}

tick();
