"use client";

import { useBooleanFlagValue } from "@openfeature/react-sdk";

export function Checkout() {
  return <p>The {useBooleanFlagValue("new-checkout", false) ? "new" : "old"} checkout.</p>;
}
