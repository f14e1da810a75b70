/**
 * Vectors as small integers, and how far a dot product of those can be from the real one. The bound is what makes
 * a search exact: a vector whose score cannot reach the results, however the errors fall, need not be looked at again.
 *
 * With `v = s·c + e` (codes `c`, scale `s`, error `e`) and likewise `q = t·d + f`, by Cauchy and Schwarz:
 * `|v·q - s·t·(c·d)| = |e·q + s·c·f| <= |e|·|q| + |s·c|·|f| <= |e|·|q| + (|v| + |e|)·|f|`.
 */

const MAX_CODE = 127;
/** Sums of 4,096 products with codes of 127 stay below 2^31. */
const MAX_QUERY_CODE = 4095;
/** For lengths that are 1 but for rounding to 32 bits, and for sums of such numbers. */
const ROUNDING = 1e-5;

export type Quantised = {
  /** What a code of 1 stands for. */
  scale: number;
  /** Length of the difference between the vector and its codes times `scale`. */
  error: number;
};

/** `vector` of length 1 at most; `codes` is written, and may be longer. */
export function quantise(vector: Float32Array, codes: Int8Array | Int16Array): Quantised {
  const maxCode = codes instanceof Int8Array ? MAX_CODE : MAX_QUERY_CODE;
  let largest = 0;
  for (const component of vector) largest = Math.max(largest, Math.abs(component));
  const scale = largest / maxCode;
  codes.fill(0, vector.length);
  if (scale === 0) {
    codes.fill(0);
    return { scale: 0, error: 0 };
  }
  let error = 0;
  for (let i = 0; i < vector.length; i++) {
    const component = vector[i] as number;
    const code = Math.round(component / scale);
    codes[i] = code;
    error += (component - code * scale) ** 2;
  }
  return { scale, error: Math.sqrt(error) };
}

/** How far the dot product by codes can be from the real one. */
export function maxDeviation(vectorError: number, queryError: number): number {
  return vectorError + (1 + vectorError) * queryError + ROUNDING;
}
