// The six verdicts as the pages show them. These colours are ours and official nowhere; each verdict has its own shape,
// so that a black-and-white print and a colour-blind reader lose nothing. Worst first.
import type { Verdict } from '../api/zoningTypes';

export interface VerdictLook { color: string; soft: string; path: string }

export const VERDICTS: Record<Verdict, VerdictLook> = {
  PROHIBITED: { color: '#a3160f', soft: '#fdecea', path: 'M7 1h10l6 6v10l-6 6H7l-6-6V7ZM6 10.5v3h12v-3Z' },
  RESTRICTED_UNMET: { color: '#9c4a00', soft: '#fdf0e3', path: 'M12 1 23.5 22.5H.5ZM10.7 8.5v7h2.6v-7ZM10.7 17.2v2.6h2.6v-2.6Z' },
  NEEDS_INFORMATION: { color: '#5a3d99', soft: '#f1edfa', path: 'M2 2h20v15h-8.5L9 23v-6H2ZM6 6.6v2.2h12V6.6ZM6 11v2.2h7V11Z' },
  NEEDS_JUDGEMENT: { color: '#1f5199', soft: '#eaf1fb', path: 'M12 .5 23.5 12 12 23.5.5 12ZM10.6 6v7.4h2.8V6ZM10.6 15.2V18h2.8v-2.8Z' },
  ALLOWED_WITH_CONDITIONS: { color: '#006b62', soft: '#e5f4f2', path: 'M2 2h20v20H2ZM6.2 11.4l-1.8 1.9 4 4 5.4-6-1.9-1.8-3.5 3.9ZM15 15.4v2.2h4.6v-2.2Z' },
  ALLOWED: { color: '#1f6b2e', soft: '#e8f4ea', path: 'M12 .8a11.2 11.2 0 1 0 .01 0ZM6.6 11.2l-2 2 5.5 5.4L19.6 8.4l-2.1-1.9-7.5 8Z' },
};

export const lookOf = (verdict: string): VerdictLook => VERDICTS[verdict as Verdict] ?? VERDICTS.NEEDS_INFORMATION;
