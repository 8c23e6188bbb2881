// Who did something: people have names, the console and the one-time code have none.
export interface Done { by: string; by_name?: string | null }

export const whoOf = (done: Done): string => done.by_name || done.by;
/** The login, where it is not what is shown. */
export const loginOf = (done: Done): string | undefined => (done.by_name && done.by_name !== done.by ? done.by : undefined);
