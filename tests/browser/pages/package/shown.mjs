// What server and browser show in the same way.
export const render = (flags) => `<p id="shown">${flags.value("release", "fallback")}</p>`;
