// A position of the data as the server writes it: `observation@12;station@3`.
export interface TableVersion { table: string; version: number }

export function readVersions(position: string | null | undefined): TableVersion[] {
  return (position ?? '').split(';').flatMap((part) => {
    const m = /^([a-z_]+)@(\d+)$/.exec(part);
    return m?.[1] ? [{ table: m[1], version: Number(m[2]) }] : [];
  });
}
