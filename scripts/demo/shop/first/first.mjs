// Everything that must be there before the first paint: loaded in the head, after the Worker's payload and before the body.
import { listen, tell } from "./changes.mjs";
import { readFrom, sourceName } from "./flags.mjs";
import { dressRoot } from "./layout.mjs";
import { heard, isOpen, lineIs } from "./standing.mjs";

import "./basket.mjs";
import "./forms.mjs";
import "./notices.mjs";
import "./panel.mjs";
import "./shelves.mjs";

function dress() {
  dressRoot();
  document.documentElement.dataset.flags = sourceName();
}

listen(dress);
dress();

/** What the second script, which may come late or never, continues with. */
globalThis.Shop = { heard, isOpen, lineIs, readFrom, tell };
