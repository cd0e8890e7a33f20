import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature } from "@openfeature/web-sdk";
import { connect } from "flaghoist";

const options = { baseUrl: import.meta.env.VITE_FLAGS_URL, key: import.meta.env.VITE_FLAGS_KEY, context: {} };
const flags = connect(options);
OpenFeature.addHooks(flags.hook);
await OpenFeature.setProviderAndWait(new OFREPWebProvider(flags.providerOptions), flags.context);
document.querySelector("#shown").textContent = OpenFeature.getClient().getStringValue("local", "fallback");
