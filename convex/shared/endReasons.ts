/** Why an answer ended, as the functions store it and the page says it in words. [G12] */
export type EndReason =
  "finished" | "stopped" | "crashed" | "timedOut" | "providerError" | "lengthLimit" | "contentFilter";

/** May the answer go on where it ended? */
export function canContinue(reason: EndReason): boolean {
  switch (reason) {
    case "stopped":
    case "crashed":
    case "timedOut":
    case "providerError":
    case "lengthLimit":
      return true;
    case "finished":
    case "contentFilter":
      return false;
    default:
      return reason satisfies never;
  }
}
