import { answering } from "../answering.mjs";
import { flagd } from "../peers/flagd.mjs";

export default answering(flagd({ generates: false }));
