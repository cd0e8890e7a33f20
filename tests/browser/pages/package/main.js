import { connect } from "flaghoist";

const flags = connect({
  baseUrl: import.meta.env.VITE_FLAGS_URL,
  key: import.meta.env.VITE_FLAGS_KEY,
  context: { targetingKey: "ada" },
});
await flags.ready();
document.querySelector("#shown").textContent = flags.value("local", "fallback");
flags.used("local");
