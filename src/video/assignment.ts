/**
 * The assignment of rows to columns that costs least in sum, each row and each column at most once and as many as there can be
 * (min(rows, columns)). By shortest augmenting paths (Jonker and Volgenant, 1987, in the rectangular form of Crouse, "On
 * implementing 2D rectangular assignment algorithms", 2016). Ties go to the lower column, so that the same costs give the same
 * answer. Cost: O(rows² × columns) with the shorter side as rows.
 *
 * @param costs - rows × columns finite numbers, row by row
 * @returns the column of each row, −1 where a row has none
 */
export function assign(costs: ArrayLike<number>, rows: number, columns: number): Int32Array<ArrayBuffer> {
  if (costs.length !== rows * columns)
    throw new RangeError(`${rows} × ${columns} costs cannot be ${costs.length} numbers`);
  if (rows <= columns) return assignRows(costs, rows, columns);
  const turned = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = costs[row * columns + column]!;
  const rowOfColumn = assignRows(turned, columns, rows);
  const columnOfRow = new Int32Array(rows).fill(-1);
  rowOfColumn.forEach((row, column) => (columnOfRow[row] = column));
  return columnOfRow;
}

/** What the search for one augmenting path knows. */
interface Search {
  /** Length of the shortest path to each column. */
  readonly lengths: Float64Array;
  /** The row from which that path comes. */
  readonly from: Int32Array;
  readonly doneRows: Uint8Array;
  readonly doneColumns: Uint8Array;
  /** The free column where the shortest path ends. */
  readonly sink: number;
  readonly length: number;
}

interface Duals {
  readonly ofRow: Float64Array;
  readonly ofColumn: Float64Array;
  readonly rowOfColumn: Int32Array;
}

function assignRows(costs: ArrayLike<number>, rows: number, columns: number): Int32Array<ArrayBuffer> {
  const columnOfRow = new Int32Array(rows).fill(-1);
  const duals: Duals = {
    ofRow: new Float64Array(rows),
    ofColumn: new Float64Array(columns),
    rowOfColumn: new Int32Array(columns).fill(-1),
  };
  for (let row = 0; row < rows; row++) {
    const path = shortestPath(costs, columns, row, duals);
    updateDuals(duals, path, row, columnOfRow);
    augment(duals.rowOfColumn, columnOfRow, path, row);
  }
  return columnOfRow;
}

/** Dijkstra over reduced costs from a free row to the nearest free column. */
function shortestPath(
  costs: ArrayLike<number>,
  columns: number,
  start: number,
  { ofRow, ofColumn, rowOfColumn }: Duals,
): Search {
  const lengths = new Float64Array(columns).fill(Infinity);
  const from = new Int32Array(columns).fill(-1);
  const doneRows = new Uint8Array(ofRow.length);
  const doneColumns = new Uint8Array(columns);
  let row = start;
  let length = 0;
  for (;;) {
    doneRows[row] = 1;
    let nearest = -1;
    for (let column = 0; column < columns; column++) {
      if (doneColumns[column]) continue;
      const through = length + costs[row * columns + column]! - ofRow[row]! - ofColumn[column]!;
      if (through < lengths[column]!) {
        lengths[column] = through;
        from[column] = row;
      }
      if (nearest < 0 || isNearer(lengths, column, nearest, rowOfColumn)) nearest = column;
    }
    length = nearest < 0 ? NaN : lengths[nearest]!;
    if (!Number.isFinite(length)) throw new RangeError('The costs of an assignment must be finite');
    doneColumns[nearest] = 1;
    const owner = rowOfColumn[nearest]!;
    if (owner < 0) return { lengths, from, doneRows, doneColumns, sink: nearest, length };
    row = owner;
  }
}

/** Among columns at the same distance a free one ends the search. */
function isNearer(lengths: Float64Array, column: number, than: number, rowOfColumn: Int32Array): boolean {
  const [a, b] = [lengths[column]!, lengths[than]!];
  return a < b || (a === b && rowOfColumn[column]! < 0 && rowOfColumn[than]! >= 0);
}

function updateDuals({ ofRow, ofColumn }: Duals, path: Search, start: number, columnOfRow: Int32Array): void {
  ofRow[start]! += path.length;
  for (let row = 0; row < ofRow.length; row++)
    if (path.doneRows[row] && row !== start) ofRow[row]! += path.length - path.lengths[columnOfRow[row]!]!;
  for (let column = 0; column < ofColumn.length; column++)
    if (path.doneColumns[column]) ofColumn[column]! -= path.length - path.lengths[column]!;
}

/** Hands columns on along the path, from its end to the row it began at. */
function augment(rowOfColumn: Int32Array, columnOfRow: Int32Array, path: Search, start: number): void {
  let column = path.sink;
  for (;;) {
    const row = path.from[column]!;
    rowOfColumn[column] = row;
    const next = columnOfRow[row]!;
    columnOfRow[row] = column;
    if (row === start) return;
    column = next;
  }
}
