import type { JSONValue } from "convex/values";
import {
  argsField,
  arrayField,
  asObject,
  invalidJson,
  optionalString,
  pathField,
  stringField,
  unsignedField,
} from "./decode.ts";
import type { JsonObject } from "./decode.ts";

/** Changes which queries the client subscribes to. Versions chain: each message starts where the last one ended. */
export type ModifyQuerySet = {
  type: "ModifyQuerySet";
  baseVersion: number;
  newVersion: number;
  modifications: readonly QuerySetModification[];
};

export type QuerySetModification = AddQuery | { type: "Remove"; queryId: number };

export type AddQuery = {
  type: "Add";
  queryId: number;
  udfPath: string;
  args: readonly JSONValue[];
  journal: string | null;
  componentPath: string | null;
};

export function decodeModifyQuerySet(message: JsonObject): ModifyQuerySet {
  const baseVersion = unsignedField(message, "baseVersion");
  const newVersion = unsignedField(message, "newVersion");
  if (newVersion <= baseVersion) throw invalidJson("`newVersion` must be greater than `baseVersion`");
  return {
    type: "ModifyQuerySet",
    baseVersion,
    newVersion,
    modifications: arrayField(message, "modifications").map(decodeModification),
  };
}

function decodeModification(value: JSONValue): QuerySetModification {
  const modification = asObject(value, "a modification");
  const type = stringField(modification, "type");
  switch (type) {
    case "Add":
      return {
        type,
        queryId: unsignedField(modification, "queryId"),
        udfPath: pathField(modification),
        args: modification["args"] === undefined ? [] : argsField(modification),
        journal: optionalString(modification, "journal"),
        componentPath: optionalString(modification, "componentPath"),
      };
    case "Remove":
      return { type, queryId: unsignedField(modification, "queryId") };
    default:
      throw invalidJson(`unknown variant \`${type}\`, expected \`Add\` or \`Remove\``);
  }
}
