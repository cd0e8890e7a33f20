import { answering } from "../answering.mjs";
import { statsig } from "../peers/statsig.mjs";

export default answering(statsig());
