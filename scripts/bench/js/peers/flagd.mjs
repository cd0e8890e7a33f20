// flagd's in-process evaluator; it generates code for its rules where that is allowed, as it is not in a Worker.
import { FlagdCore } from "@openfeature/flagd-core";

import { quiet } from "../answering.mjs";

async function load(read, generates) {
  const core = new FlagdCore(undefined, quiet, { disableDynamicCodeGeneration: !generates });
  core.setConfigurations(await read());
  return core;
}

const told = ({ flagKey, value, variant, reason }) => ({ key: flagKey, value, variant, reason });

export const flagd =
  ({ generates }) =>
  (read) => {
    let core;
    return async (context) => {
      core ??= await load(read, generates);
      return JSON.stringify({ flags: core.resolveAll(context, quiet).map(told) });
    };
  };
