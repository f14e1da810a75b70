/** Environment variables as a component sees them. */
import type { ComponentPath } from "../database/types.ts";
import { UserError, type ComponentBundle, type Deployment } from "./types.ts";

export type Environment = Readonly<Record<string, string>>;

/** Every component sees these; they are the backend's own. */
export const SYSTEM_VARIABLES = ["CONVEX_CLOUD_URL", "CONVEX_SITE_URL"];

/** What `process.env` holds in `component`: everything in the app, elsewhere what `app.use` passes down. */
export function environmentOf(
  deployment: Deployment,
  component: ComponentPath,
  env: Environment,
): Environment {
  const bundle = deployment.components.get(component);
  if (bundle === undefined) throw new UserError(`Component "${component}" not found`);
  if (bundle.env === null) return env;
  const parent = environmentOf(deployment, parentOf(bundle), env);
  const own: Record<string, string> = {};
  for (const [name, binding] of bundle.env) {
    const value = "value" in binding ? binding.value : parent[binding.fromParent];
    if (value !== undefined) own[name] = value;
  }
  for (const name of SYSTEM_VARIABLES) {
    const value = env[name];
    if (value !== undefined) own[name] ??= value;
  }
  return own;
}

function parentOf({ path }: ComponentBundle): ComponentPath {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "" : path.slice(0, slash);
}
