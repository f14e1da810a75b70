/** Functions as `convex function-spec` and the CLI's codegen see them. */
import type { JSONValue } from "convex/values";
import { splitPath } from "../functions/references.ts";
import type { ComponentBundle, FunctionInfo } from "../functions/types.ts";

const ANY = { type: "any" };

export const UDF_TYPES: Readonly<Record<FunctionInfo["kind"], "Query" | "Mutation" | "Action">> = {
  query: "Query",
  mutation: "Mutation",
  action: "Action",
};

/** What `_system/cli/modules:apiSpec` returns. */
export function specOf({ functions, httpRoutes }: ComponentBundle): JSONValue[] {
  const specs: JSONValue[] = [...functions].map(([path, { kind, visibility, args, returns }]) => {
    const [module, exportName] = splitPath(path);
    return {
      identifier: `${module}.js:${exportName}`,
      functionType: UDF_TYPES[kind],
      visibility: { kind: visibility },
      args,
      returns: returns ?? ANY,
    };
  });
  for (const [path, method] of httpRoutes) specs.push({ functionType: "HttpAction", method, path });
  return specs;
}
