/** A question with each of its parts on a line of its own, for people to read. */
export const inLines = (sql: string): string => sql.replace(/\s+(?=(?:FROM|WHERE|AND|GROUP BY|ORDER BY|LIMIT)\b)/g, (_, at: number) => (depth(sql, at) > 0 ? '\n    ' : '\n'));

/** How many brackets are open at a place. */
function depth(sql: string, at: number): number {
  let open = 0;
  for (const c of sql.slice(0, at)) open += c === '(' ? 1 : c === ')' ? -1 : 0;
  return open;
}
