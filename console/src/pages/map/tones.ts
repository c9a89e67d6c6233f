import type { Tone } from '@/parts/State';

// The scene is lit, which darkens what faces away: its colours are brighter than those of words.
const BODIES: Record<Tone, string> = { good: '#1fae69', warn: '#e59a24', bad: '#e5483c', live: '#4b82f7', idle: '#8a93a6' };

export const colour = (tone: Tone): string => BODIES[tone];

// What is not a body, in the scheme of the page.
export interface Tints {
    grid: string;
    plate: string;
    rim: string;
    way: string;
    flow: string;
    drop: string;
    shade: number; // how dark the shadow below a body is
    glow: number;
}

export const tintsOf = (dark: boolean): Tints =>
    dark
        ? { grid: '#46536f', plate: '#161d2b', rim: '#38445e', way: '#56607a', flow: '#3f74ec', drop: '#bcd2ff', shade: 0.55, glow: 0.5 }
        : { grid: '#cfd7e6', plate: '#ffffff', rim: '#d5dcea', way: '#a9b3c6', flow: '#3f74ec', drop: '#1f5fd6', shade: 0.22, glow: 0.22 };
