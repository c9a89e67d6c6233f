import type { Tone } from '@/parts/State';

// The scene is lit, which darkens what faces away: its colours are brighter than those of words. The quiet ones follow the scheme.
const BODIES: Record<Tone, string> = { good: '#22a565', warn: '#e09a2b', bad: '#e2483d', live: '#3f74ec', idle: '#8a93a6' };

export const colour = (tone: Tone): string => BODIES[tone];

export const quiet = (): string => getComputedStyle(document.documentElement).getPropertyValue('--mantine-color-dimmed').trim() || BODIES.idle;
