import { answering } from "../answering.mjs";
import { growthBook } from "../peers/growthbook.mjs";

export default answering(growthBook({ cached: true }));
