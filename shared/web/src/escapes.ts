// Makes text inert inside an HTML page: as part of a script, and as the value of an attribute.

const IN_SCRIPT: { [plain: string]: string } = {
  "\\": "\\\\",
  "'": "\\'",
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};
const IN_ATTRIBUTE: { [plain: string]: string } = {
  "&": "&amp;",
  '"': "&quot;",
  "'": "&#39;",
  "<": "&lt;",
  ">": "&gt;",
};

/** Returns JSON escaped for a single-quoted JavaScript string that may stand inside a `<script>` element. */
export const inScript = (json: string): string =>
  json.replace(/[\\'<>&\u2028\u2029]/g, (plain) => IN_SCRIPT[plain] as string);

/** Returns text escaped for the quoted value of an HTML attribute. */
export const inAttribute = (text: string): string => text.replace(/[&"'<>]/g, (plain) => IN_ATTRIBUTE[plain] as string);
