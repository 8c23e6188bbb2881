// The key that makes a repeated save the same save. Pages on plain HTTP have no crypto.randomUUID.
export function freshKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Gives the same key for the same thing, and a new one as soon as the thing is another. */
export function keyKeeper(): (thing: string) => string {
  let held = { thing: '', key: '' };
  return (thing) => {
    if (!held.key || held.thing !== thing) held = { thing, key: freshKey() };
    return held.key;
  };
}
