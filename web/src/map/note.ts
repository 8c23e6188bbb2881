/** The base map's note without its own leading "schematic", which the page sets in bold before it. */
export const noteBody = (note: string): string => note.replace(/^\s*(示意图|Schematic)\s*[:：,，]?\s*/i, '');
