/** Variables of Node.js's own modules, which nothing exports and only the inspector can see. */
import inspector from "node:inspector";

/** Where the inspector finds and leaves objects. */
const SHARED = Symbol.for("embedded.variables");
const SHARED_CODE = `globalThis[Symbol.for("embedded.variables")]`;
const holder = globalThis as { [SHARED]?: unknown };
const GROUP = "embedded.variables";

let session: inspector.Session | null = null;

/** The object that the variable `name` holds where `closure` was written; `undefined` if there is none. */
export function readVariable(closure: object, name: string): unknown {
  holder[SHARED] = closure;
  try {
    const evaluated = post("Runtime.evaluate", { expression: SHARED_CODE, objectGroup: GROUP });
    const { result } = evaluated as { result: RemoteObject };
    const scopes = propertiesOf(result).internalProperties?.find(
      (property) => property.name === "[[Scopes]]",
    );
    for (const scope of propertiesOf(scopes?.value).result) {
      const found = propertiesOf(scope.value).result.find((property) => property.name === name);
      if (found?.value?.objectId === undefined) continue;
      const functionDeclaration = `function () { ${SHARED_CODE} = this; }`;
      post("Runtime.callFunctionOn", { objectId: found.value.objectId, functionDeclaration });
      return holder[SHARED];
    }
    return undefined;
  } finally {
    holder[SHARED] = undefined;
    post("Runtime.releaseObjectGroup", { objectGroup: GROUP });
  }
}

type RemoteObject = inspector.Runtime.RemoteObject;

function propertiesOf(object: RemoteObject | undefined): inspector.Runtime.GetPropertiesReturnType {
  if (object?.objectId === undefined) return { result: [] };
  const { objectId } = object;
  const properties = post("Runtime.getProperties", { objectId, ownProperties: true });
  return properties as inspector.Runtime.GetPropertiesReturnType;
}

/** Within a thread the inspector answers at once. */
function post(method: string, params: object): unknown {
  if (session === null) {
    session = new inspector.Session();
    session.connect();
  }
  const answer: { error?: Error | null; result?: object | undefined } = {};
  session.post(method, params, (error, result) => {
    answer.error = error;
    answer.result = result;
  });
  if (answer.result === undefined) throw answer.error ?? new Error(`The inspector did not answer ${method}`);
  return answer.result;
}
