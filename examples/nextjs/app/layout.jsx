import { assignment, fetchPayload, SCRIPT } from "flaghoist/server";
import { cookies, headers } from "next/headers";
import { Flags } from "./flags";

const baseUrl = process.env.FLAGHOIST_EDGE;
const key = process.env.FLAGHOIST_CLIENT_KEY;

export default async function Layout({ children }) {
  const unit = (await cookies()).get("fh_unit")?.value;
  const context = unit ? { targetingKey: unit } : {};
  const payload = await fetchPayload({ baseUrl, key, context });
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  return (
    <html lang="en">
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: the payload is escaped for scripts */}
        <script nonce={nonce} dangerouslySetInnerHTML={{ __html: assignment(payload) + SCRIPT }} />
      </head>
      <body>
        <Flags bulk={payload.ofrep}>{children}</Flags>
      </body>
    </html>
  );
}
