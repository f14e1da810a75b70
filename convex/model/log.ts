import { withoutSecrets } from "./secrets";

/** One event, one line, for whoever reads the deployment's log. */
export function log(
  area:
    | "ACCOUNTS"
    | "AUDIT"
    | "MESSAGES"
    | "STREAMING"
    | "QUEUE"
    | "TASKS"
    | "TITLES"
    | "FOLLOW_UPS"
    | "RECOVERY"
    | "FILES"
    | "MODELS"
    | "TOOLS"
    | "CONTEXT"
    | "BUDGETS",
  text: string,
): void {
  console.info(`[${area}] ${withoutSecrets(text)}`);
}
