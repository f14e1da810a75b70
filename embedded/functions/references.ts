/** From what a caller names to the function that is meant. */
import type { ComponentPath } from "../database/types.ts";
import {
  UserError,
  type ComponentBundle,
  type Deployment,
  type FunctionAddress,
  type FunctionInfo,
} from "./types.ts";

/** How `convex/server` names a function in a syscall: exactly one of the three is there. */
export type FunctionReferenceJson = {
  name?: string | undefined;
  reference?: string | undefined;
  functionHandle?: string | undefined;
};

/** Characters of a function's path that a client may ask for: far more than any has. */
export const MAX_PATH_LENGTH = 1024;

const HANDLE_PREFIX = "function://";
const MODULE_EXTENSION = /\.(js|mjs|cjs|ts|tsx|mts|cts|jsx)$/;

/**
 * `messages:send`, `messages.js:send` and, for the default export, `messages` in the one form in which functions are
 * known: `messages:send`, `messages:default`.
 */
export function canonicalizePath(path: string): string {
  const colon = path.lastIndexOf(":");
  const module = colon === -1 ? path : path.slice(0, colon);
  const exportName = colon === -1 ? "default" : path.slice(colon + 1);
  return `${module.replace(/^\/+/, "").replace(MODULE_EXTENSION, "")}:${exportName}`;
}

/** The path as messages show it: `:default` is not written. */
export function displayPath({ path }: FunctionAddress): string {
  return path.endsWith(":default") ? path.slice(0, -":default".length) : path;
}

/** ` in 'component'`, or nothing in the app. */
export function inComponent({ component }: FunctionAddress): string {
  return component === "" ? "" : ` in '${component}'`;
}

/** The address that a syscall of a function in `caller` means. Throws a `UserError` if there is none. */
export function resolveReference(
  deployment: Deployment,
  caller: ComponentPath,
  { name, reference, functionHandle }: FunctionReferenceJson,
): FunctionAddress {
  if (functionHandle !== undefined) return parseFunctionHandle(deployment, functionHandle);
  if (name !== undefined) return { component: caller, path: canonicalizePath(name) };
  if (reference === undefined) throw new UserError("No function was named.", "InvalidReference");

  const [root, kind, ...rest] = reference.split("/");
  if (root !== "_reference") throw new UserError(`Invalid reference "${reference}"`, "InvalidReference");
  switch (kind) {
    case "function":
      return { component: caller, path: canonicalizePath(rest.join("/")) };
    case "childComponent": {
      const [childName = "", ...attributes] = rest;
      const child = componentOf(deployment, caller).children.get(childName);
      if (child === undefined) {
        throw new UserError(`Child component ComponentName("${childName}") not found`, "InvalidReference");
      }
      const exportName = attributes.pop() ?? "";
      const address = { component: child, path: `${attributes.join("/")}:${exportName}` };
      if (componentOf(deployment, child).functions.get(address.path)?.visibility !== "public") {
        throw new UserError(
          `Child component "${childName}" does not export [${[...attributes, exportName].join(", ")}]`,
          "InvalidReference",
        );
      }
      return address;
    }
    default:
      throw new UserError(
        `References of the form "${reference}" are not supported by the embedded backend. Pass a function of \`api\`, ` +
          "`internal` or `components` instead.",
        "InvalidReference",
      );
  }
}

/** A string that names a function wherever it is passed. Stays the same as long as the function keeps its place. */
export function makeFunctionHandle({ component, path }: FunctionAddress): string {
  return `${HANDLE_PREFIX}${encodeURIComponent(component)}#${path}`;
}

/** The address behind a handle. Throws a `UserError` if it is none, or if its function is gone. */
function parseFunctionHandle(deployment: Deployment, handle: string): FunctionAddress {
  const hash = handle.indexOf("#");
  if (!handle.startsWith(HANDLE_PREFIX) || hash === -1) {
    throw new UserError(`Invalid function handle "${handle}"`, "InvalidFunctionHandle");
  }
  let address: FunctionAddress;
  try {
    address = {
      component: decodeURIComponent(handle.slice(HANDLE_PREFIX.length, hash)),
      path: handle.slice(hash + 1),
    };
  } catch {
    throw new UserError(`Invalid function handle "${handle}"`, "InvalidFunctionHandle");
  }
  if (findFunction(deployment, address) === null) {
    throw new UserError(
      `Function handle "${handle}" refers to a function that no longer exists.`,
      "FunctionHandleNotFound",
    );
  }
  return address;
}

/** What is known about a function, or `null` if there is none at this address. */
export function findFunction(
  deployment: Deployment,
  { component, path }: FunctionAddress,
): FunctionInfo | null {
  return deployment.components.get(component)?.functions.get(path) ?? null;
}

/** Throws a `UserError` if a function that is about to be scheduled does not exist. */
export function checkSchedulable(deployment: Deployment, address: FunctionAddress): void {
  if (findFunction(deployment, address) !== null) return;
  const [module, exportName] = splitPath(address.path);
  const functions =
    deployment.components.get(address.component)?.functions ?? new Map<string, FunctionInfo>();
  const moduleExists = [...functions.keys()].some((path) => splitPath(path)[0] === module);
  throw new UserError(
    moduleExists
      ? `Attempted to schedule function, but no exported function ${exportName} found in the file: ` +
          `${module}.js${inComponent(address)}. Did you forget to export it?`
      : `Attempted to schedule function at nonexistent path: ` +
          `${address.component === "" ? "" : `${address.component} `}${module}.js`,
    "InvalidScheduledFunction",
  );
}

/** Module and export name of a canonical path. */
export function splitPath(path: string): [module: string, exportName: string] {
  const colon = path.lastIndexOf(":");
  return [path.slice(0, colon), path.slice(colon + 1)];
}

function componentOf(deployment: Deployment, component: ComponentPath): ComponentBundle {
  const bundle = deployment.components.get(component);
  if (bundle === undefined) throw new UserError(`Component "${component}" not found`, "InvalidReference");
  return bundle;
}
