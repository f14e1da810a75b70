/**
 * Ranges of keys with values, and which of them hold a given key: an interval tree on a treap. Finding costs
 * O(log n) and the number found; ranges that do not hold the key cost nothing.
 */
import type { IndexKey, KeyRange } from "../values/indexKey.ts";

type Node<T> = {
  readonly start: IndexKey;
  readonly end: IndexKey;
  readonly values: Set<T>;
  /** Random: keeps the tree about balanced. A node's is at least that of its children. */
  readonly priority: number;
  /** The greatest `end` at and below this node. */
  maxEnd: IndexKey;
  left: Node<T> | null;
  right: Node<T> | null;
};

export class IntervalTree<T> {
  #root: Node<T> | null = null;

  get isEmpty(): boolean {
    return this.#root === null;
  }

  add(range: KeyRange, value: T): void {
    this.#root = insert(this.#root, range, value);
  }

  remove(range: KeyRange, value: T): void {
    this.#root = remove(this.#root, range, value);
  }

  /** Adds to `found` the values of all ranges that hold `key`. */
  collect(key: IndexKey, found: Set<T>): void {
    collect(this.#root, key, found);
  }
}

function collect<T>(node: Node<T> | null, key: IndexKey, found: Set<T>): void {
  let current = node;
  while (current !== null && key < current.maxEnd) {
    collect(current.left, key, found);
    // Ranges further right start behind the key.
    if (key < current.start) return;
    if (key < current.end) for (const value of current.values) found.add(value);
    current = current.right;
  }
}

function insert<T>(node: Node<T> | null, range: KeyRange, value: T): Node<T> {
  if (node === null) {
    const { start, end } = range;
    return {
      start,
      end,
      values: new Set([value]),
      priority: Math.random(),
      maxEnd: end,
      left: null,
      right: null,
    };
  }
  const order = compare(range, node);
  if (order === 0) {
    node.values.add(value);
    return node;
  }
  if (order < 0) {
    node.left = insert(node.left, range, value);
    return node.left.priority > node.priority ? rotateRight(node, node.left) : update(node);
  }
  node.right = insert(node.right, range, value);
  return node.right.priority > node.priority ? rotateLeft(node, node.right) : update(node);
}

function remove<T>(node: Node<T> | null, range: KeyRange, value: T): Node<T> | null {
  if (node === null) return null;
  const order = compare(range, node);
  if (order < 0) node.left = remove(node.left, range, value);
  else if (order > 0) node.right = remove(node.right, range, value);
  else {
    node.values.delete(value);
    if (node.values.size === 0) return merge(node.left, node.right);
  }
  return update(node);
}

/** Two trees, all of the first before all of the second, as one. */
function merge<T>(left: Node<T> | null, right: Node<T> | null): Node<T> | null {
  if (left === null) return right;
  if (right === null) return left;
  if (left.priority > right.priority) {
    left.right = merge(left.right, right);
    return update(left);
  }
  right.left = merge(left, right.left);
  return update(right);
}

function rotateRight<T>(node: Node<T>, left: Node<T>): Node<T> {
  node.left = left.right;
  left.right = update(node);
  return update(left);
}

function rotateLeft<T>(node: Node<T>, right: Node<T>): Node<T> {
  node.right = right.left;
  right.left = update(node);
  return update(right);
}

function update<T>(node: Node<T>): Node<T> {
  let maxEnd = node.end;
  if (node.left !== null && node.left.maxEnd > maxEnd) maxEnd = node.left.maxEnd;
  if (node.right !== null && node.right.maxEnd > maxEnd) maxEnd = node.right.maxEnd;
  node.maxEnd = maxEnd;
  return node;
}

function compare(a: KeyRange, b: KeyRange): number {
  if (a.start !== b.start) return a.start < b.start ? -1 : 1;
  if (a.end !== b.end) return a.end < b.end ? -1 : 1;
  return 0;
}
