// How new campaigns are laid out and named: the fields of layout.html.jinja.
import { $, $$, hidden } from "./dom.js";

const PATTERNS = { campaign: "#campaign-pattern", adGroup: "#ad-group-pattern" };

export class Layout {
  constructor() {
    this.structure = $("#structure");
    this.structure.addEventListener("change", () => this.usual());
    this.usual();
  }

  // The usual names of the chosen structure.
  usual() {
    const chosen = this.structure.selectedOptions[0];
    for (const [name, field] of Object.entries(PATTERNS)) $(field).value = chosen.dataset[name] ?? "";
    for (const one of $$(".pattern")) hidden(one, !this.structure.value);
  }

  take(asked) {
    if (!asked) return;
    this.structure.value = asked.structure;
    this.usual();
    if (asked.campaign) $(PATTERNS.campaign).value = asked.campaign;
    if (asked.ad_group) $(PATTERNS.adGroup).value = asked.ad_group;
  }

  // As the API takes it; null where no campaigns are wanted.
  get value() {
    if (!this.structure.value) return null;
    return { structure: this.structure.value, campaign: $(PATTERNS.campaign).value.trim(), ad_group: $(PATTERNS.adGroup).value.trim() };
  }
}
