/** The stable codes of the API's problem details, and `network` for requests that got no answer. */
export type ErrorCode =
  | 'validation_failed' | 'unauthorized' | 'forbidden' | 'not_found' | 'conflict' | 'version_mismatch' | 'rate_limited' | 'too_large' | 'unavailable'
  | 'method_not_allowed' | 'unsupported_media_type' | 'gone' | 'network';

const FALLBACK: Record<ErrorCode, string> = {
  validation_failed: 'Some of that is not valid.',
  unauthorized: 'Please sign in again.',
  forbidden: 'You are not allowed to do that.',
  not_found: 'That is not there (any more).',
  conflict: 'Somebody changed that meanwhile.',
  version_mismatch: 'Somebody changed that meanwhile.',
  rate_limited: 'That was too fast. Try again in a moment.',
  too_large: 'That is too large.',
  unavailable: 'TaskFlow cannot answer right now. Try again in a moment.',
  method_not_allowed: 'That is not possible here.',
  unsupported_media_type: 'That is not possible here.',
  gone: 'That has been used or has expired.',
  network: 'No connection to TaskFlow.',
};

/** A refused or failed request. `message` is a sentence for people. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  /** 0 when there was no answer. */
  readonly status: number;
  /** What is wrong with which field of the request. */
  readonly fields: Record<string, string[]>;
  readonly retryAfterMs: number | undefined;
  /** With `version_mismatch`: the task as it is now. */
  readonly current: unknown;

  constructor(init: { code: ErrorCode; status?: number; message?: string; fields?: Record<string, string[]>; retryAfterMs?: number; current?: unknown }) {
    super(init.message || FALLBACK[init.code]);
    this.name = 'ApiError';
    this.code = init.code;
    this.status = init.status ?? 0;
    this.fields = init.fields ?? {};
    this.retryAfterMs = init.retryAfterMs;
    this.current = init.current;
  }

  /** The same request may well succeed later. */
  get isRetryable(): boolean {
    return this.code === 'network' || this.code === 'unavailable' || this.code === 'rate_limited';
  }
}

/**
 * For answers without a code, which the API always gives: something in between has answered. That nothing is there, or that one may not,
 * is then not said of the workspace or the session: a proxy without a server behind it, in the middle of a deploy, says such things.
 */
function codeOf(status: number): ErrorCode {
  switch (status) {
    case 400: return 'validation_failed';
    case 401:
    case 403:
    case 404: return 'unavailable';
    case 405: return 'method_not_allowed';
    case 409: return 'conflict';
    case 410: return 'gone';
    case 412: return 'version_mismatch';
    case 413: return 'too_large';
    case 415: return 'unsupported_media_type';
    case 429: return 'rate_limited';
    default: return status >= 500 ? 'unavailable' : 'validation_failed';
  }
}

/** Reads problem details; what stands between (a proxy, say) may have answered with anything. */
export async function errorOf(response: Response, retryAfterMs: number | undefined): Promise<ApiError> {
  const problem = await readProblem(response);
  const fields = isRecord(problem.errors) ? (problem.errors as Record<string, string[]>) : {};
  const firstField = Object.values(fields).flat()[0];
  const code = typeof problem.code === 'string' && problem.code in FALLBACK ? (problem.code as ErrorCode) : codeOf(response.status);
  const text = [firstField, problem.detail].find((each) => typeof each === 'string' && each !== '') as string | undefined;
  return new ApiError({ code, status: response.status, message: text, fields, retryAfterMs, current: problem.current });
}

async function readProblem(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.json();
    return isRecord(body) ? body : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
