/** Days and moments, in the workspace's time zone. */
import { momentOf, wallOf } from '../i18n/wall';

/** The day (`2026-12-12`) of a moment. */
export const dayOf = (moment: string): string => wallOf(moment).slice(0, 10);

/** The last second of a day, as a moment in UTC. */
export const endOfDay = (day: string): string => momentOf(`${day}T23:59:59`);
