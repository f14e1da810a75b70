/**
 * A map from strings to values in the order of its keys: a B+ tree. Insertion, deletion and finding a place are
 * O(log n). Nodes that run empty are removed; half-empty ones are left alone, which costs little memory and
 * saves all rebalancing.
 */
import type { Order } from "./types.ts";

/** Entries of a leaf and children of a branch. Small enough that moving half a node is cheap. */
const MAX_NODE_SIZE = 64;

type Leaf<V> = { kind: "leaf"; keys: string[]; values: V[] };
/** Child `i + 1` holds the keys from `keys[i]` on. */
type Branch<V> = { kind: "branch"; keys: string[]; children: Node<V>[] };
type Node<V> = Leaf<V> | Branch<V>;
type Split<V> = { key: string; right: Node<V> };

export class SortedMap<V> {
  #root: Node<V> = { kind: "leaf", keys: [], values: [] };
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    let node = this.#root;
    while (node.kind === "branch") node = node.children[childIndex(node, key)] as Node<V>;
    const index = lowerBound(node.keys, key);
    return node.keys[index] === key ? node.values[index] : undefined;
  }

  set(key: string, value: V): void {
    const split = this.#insert(this.#root, key, value);
    if (split !== null)
      this.#root = { kind: "branch", keys: [split.key], children: [this.#root, split.right] };
  }

  /** Was there such a key? */
  delete(key: string): boolean {
    if (!remove(this.#root, key)) return false;
    this.#size--;
    while (this.#root.kind === "branch" && this.#root.children.length === 1) {
      this.#root = this.#root.children[0] as Node<V>;
    }
    if (this.#root.kind === "branch" && this.#root.children.length === 0) {
      this.#root = { kind: "leaf", keys: [], values: [] };
    }
    return true;
  }

  /** The first `limit` entries with `start <= key < end` in the given order. */
  range(start: string, end: string, order: Order, limit: number): [key: string, value: V][] {
    const found: [string, V][] = [];
    if (limit > 0) collect(this.#root, { start, end, order, limit, found });
    return found;
  }

  #insert(node: Node<V>, key: string, value: V): Split<V> | null {
    if (node.kind === "leaf") {
      const index = lowerBound(node.keys, key);
      if (node.keys[index] === key) {
        node.values[index] = value;
        return null;
      }
      node.keys.splice(index, 0, key);
      node.values.splice(index, 0, value);
      this.#size++;
      if (node.keys.length <= MAX_NODE_SIZE) return null;
      const middle = node.keys.length >> 1;
      const keys = node.keys.splice(middle);
      const values = node.values.splice(middle);
      return { key: keys[0] as string, right: { kind: "leaf", keys, values } };
    }
    const index = childIndex(node, key);
    const split = this.#insert(node.children[index] as Node<V>, key, value);
    if (split === null) return null;
    node.keys.splice(index, 0, split.key);
    node.children.splice(index + 1, 0, split.right);
    if (node.children.length <= MAX_NODE_SIZE) return null;
    const middle = node.children.length >> 1;
    const children = node.children.splice(middle);
    const keys = node.keys.splice(middle);
    return { key: node.keys.pop() as string, right: { kind: "branch", keys, children } };
  }
}

function remove<V>(node: Node<V>, key: string): boolean {
  if (node.kind === "leaf") {
    const index = lowerBound(node.keys, key);
    if (node.keys[index] !== key) return false;
    node.keys.splice(index, 1);
    node.values.splice(index, 1);
    return true;
  }
  const index = childIndex(node, key);
  const child = node.children[index] as Node<V>;
  if (!remove(child, key)) return false;
  if (child.kind === "leaf" ? child.keys.length === 0 : child.children.length === 0) {
    node.children.splice(index, 1);
    node.keys.splice(Math.max(0, index - 1), 1);
  }
  return true;
}

type Collection<V> = {
  start: string;
  end: string;
  order: Order;
  limit: number;
  found: [string, V][];
};

function collect<V>(node: Node<V>, into: Collection<V>): void {
  const { start, end, order, limit, found } = into;
  if (node.kind === "leaf") {
    const from = lowerBound(node.keys, start);
    const to = lowerBound(node.keys, end);
    if (order === "asc") {
      for (let i = from; i < to && found.length < limit; i++) {
        found.push([node.keys[i] as string, node.values[i] as V]);
      }
    } else {
      for (let i = to - 1; i >= from && found.length < limit; i--) {
        found.push([node.keys[i] as string, node.values[i] as V]);
      }
    }
    return;
  }
  const first = childIndex(node, start);
  const last = childIndex(node, end);
  if (order === "asc") {
    for (let i = first; i <= last && found.length < limit; i++) collect(node.children[i] as Node<V>, into);
  } else {
    for (let i = last; i >= first && found.length < limit; i--) collect(node.children[i] as Node<V>, into);
  }
}

/** The child that holds `key`, if any does. */
function childIndex<V>(branch: Branch<V>, key: string): number {
  const index = lowerBound(branch.keys, key);
  return branch.keys[index] === key ? index + 1 : index;
}

/** The index of the first key that is not below `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
