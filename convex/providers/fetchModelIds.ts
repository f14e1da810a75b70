/** How long a server may take to list its models. */
const LIST_TIMEOUT_MS = 10_000;

/** Models shown of one server. */
const MAX_MODELS = 500;

/** The ids that the server's `/models` lists. Throws an Error that says what went wrong. */
export async function fetchModelIds(server: { baseURL: string; apiKey: string | null }): Promise<string[]> {
  const url = `${server.baseURL}/models`;
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(url, {
      headers: server.apiKey === null ? {} : { Authorization: `Bearer ${server.apiKey}` },
      signal: AbortSignal.timeout(LIST_TIMEOUT_MS),
    });
    body = await response.json();
  } catch (error) {
    throw new Error(
      `The model server at ${server.baseURL} could not be reached, or did not answer with JSON.`,
      {
        cause: error,
      },
    );
  }
  if (!response.ok) throw new Error(`The model server at ${server.baseURL} answered ${response.status}.`);
  const { data } = (body ?? {}) as { data?: unknown };
  if (!Array.isArray(data)) throw new Error(`The model server at ${server.baseURL} did not list its models.`);
  const ids = data.map((entry: unknown) => (entry as { id?: unknown } | null)?.id);
  return ids.filter((id) => typeof id === "string").slice(0, MAX_MODELS);
}
