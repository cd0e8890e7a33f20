import { connect } from "flaghoist";

import { render } from "./shown.mjs";

const root = document.querySelector("#root");
globalThis.before = root.innerHTML;
root.innerHTML = render(connect());
globalThis.after = root.innerHTML;
