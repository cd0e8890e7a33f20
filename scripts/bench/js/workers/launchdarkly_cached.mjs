import { answering } from "../answering.mjs";
import { launchDarkly } from "../peers/launchdarkly.mjs";

export default answering(launchDarkly({ cached: true }));
