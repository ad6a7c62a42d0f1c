/**
 * Places nodes in layers: forward values to the right, derivatives below them and back, those of higher orders below again. Within a
 * layer, nodes stand near what they use. Source: Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical
 * System Structures" (1981), with barycenters. It refuses to minimize crossings any further: large graphs must appear at once.
 */

export interface LayoutNode {
  readonly key: string;
  /** Order of derivative. */
  readonly order: number;
  /** Keys of what it uses, in any order of derivative. */
  readonly uses: readonly string[];
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Rows between two orders of derivative. */
const gap = 3;

/** A place for each node; `nodes` come after what they use. */
export function layout(nodes: readonly LayoutNode[]): Map<string, Place> {
  const orders = new Map(nodes.map(({ key, order }) => [key, order]));
  const layers = layerNumbers(nodes, orders);
  const width = Math.max(0, ...layers.values());
  const places = new Map<string, Place>();
  let top = 0;
  for (const order of [...new Set(orders.values())].sort((a, b) => a - b)) {
    const members = nodes.filter((node) => node.order === order);
    const columns = columnsOf(members, layers);
    arrange(columns, members);
    const height = Math.max(...[...columns.values()].map(({ length }) => length));
    for (const [layer, column] of columns) {
      for (const [row, { key }] of column.entries()) {
        const x = order % 2 === 0 ? layer : width - layer;
        places.set(key, { x, y: -(top + (height - column.length) / 2 + row) });
      }
    }
    top += height + gap;
  }
  return places;
}

/** The longest way from the beginning to each node, within its order of derivative. */
function layerNumbers(
  nodes: readonly LayoutNode[],
  orders: ReadonlyMap<string, number>,
): Map<string, number> {
  const layers = new Map<string, number>();
  for (const { key, order, uses } of nodes) {
    let layer = 0;
    for (const used of uses)
      if (orders.get(used) === order) layer = Math.max(layer, (layers.get(used) ?? 0) + 1);
    layers.set(key, layer);
  }
  // Leaves stand just before their first user rather than at the beginning.
  const firstUse = new Map<string, number>();
  for (const { key, order, uses } of nodes) {
    for (const used of uses) {
      if (orders.get(used) === order)
        firstUse.set(used, Math.min(firstUse.get(used) ?? Number.POSITIVE_INFINITY, layers.get(key) ?? 0));
    }
  }
  for (const { key, uses } of nodes) {
    const first = firstUse.get(key);
    if (uses.length === 0 && first !== undefined) layers.set(key, Math.max(0, first - 1));
  }
  return layers;
}

function columnsOf(
  members: readonly LayoutNode[],
  layers: ReadonlyMap<string, number>,
): Map<number, LayoutNode[]> {
  const columns = new Map<number, LayoutNode[]>();
  for (const node of members) {
    const layer = layers.get(node.key) ?? 0;
    const column = columns.get(layer);
    if (column === undefined) columns.set(layer, [node]);
    else column.push(node);
  }
  return columns;
}

const sweeps = 4;

/** Orders each layer by the mean row of the neighbors of its nodes, forth and back. */
function arrange(columns: ReadonlyMap<number, LayoutNode[]>, members: readonly LayoutNode[]): void {
  const neighbors = new Map<string, string[]>(members.map(({ key }) => [key, []]));
  for (const { key, uses } of members) {
    for (const used of uses) {
      if (!neighbors.has(used)) continue;
      neighbors.get(key)?.push(used);
      neighbors.get(used)?.push(key);
    }
  }
  const rows = new Map<string, number>();
  const number = (column: readonly LayoutNode[]): void => {
    for (const [row, { key }] of column.entries()) rows.set(key, row - column.length / 2);
  };
  const layers = [...columns.keys()].sort((a, b) => a - b);
  for (const column of columns.values()) number(column);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (const layer of sweep % 2 === 0 ? layers : [...layers].reverse()) {
      const column = columns.get(layer) ?? [];
      const mean = new Map(
        column.map(({ key }) => {
          const near = neighbors.get(key) ?? [];
          const total = near.reduce((sum, other) => sum + (rows.get(other) ?? 0), 0);
          return [key, near.length === 0 ? (rows.get(key) ?? 0) : total / near.length];
        }),
      );
      column.sort((a, b) => (mean.get(a.key) ?? 0) - (mean.get(b.key) ?? 0));
      number(column);
    }
  }
}
