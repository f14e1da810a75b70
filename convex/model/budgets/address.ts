import type { ActionCtx, MutationCtx } from "../../_generated/server";

/**
 * Whom the caller counts as, by their address: an address of IPv4, or the /64 network of one of IPv6, of which one household or one server
 * has all. Null for what no client has asked for, and on a backend that does not tell: then only the server's own budgets hold.
 */
export async function callersNetwork(ctx: Pick<MutationCtx | ActionCtx, "meta">): Promise<string | null> {
  try {
    const { ip } = await ctx.meta.getRequestMetadata();
    return ip === null || ip === "" ? null : networkOf(ip);
  } catch {
    // Self-hosted backends of earlier versions.
    return null;
  }
}

/** `ip` as a backend writes it; what is no address counts as itself. */
export function networkOf(ip: string): string {
  const address = ip.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.replace(/%.*$/, "").split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill("0");
  const groups = [...before, ...zeros, ...after].slice(0, 4);
  return `${groups.map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}
