// flagd's in-process evaluator; a Worker forbids generated code, so it interprets.
import { FlagdCore } from "@openfeature/flagd-core";

import { quiet } from "../answering.mjs";

async function load(read) {
  const core = new FlagdCore(undefined, quiet, { disableDynamicCodeGeneration: true });
  core.setConfigurations(await read());
  return core;
}

const told = ({ flagKey, value, variant, reason }) => ({ key: flagKey, value, variant, reason });

export const flagd = () => (read) => {
  let core;
  return async (context) => {
    core ??= await load(read);
    return JSON.stringify({ flags: core.resolveAll(context, quiet).map(told) });
  };
};
