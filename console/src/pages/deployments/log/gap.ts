// Lines of one attempt, and those of the platform, count by one within a range of a million of their own.
const RANGE = 1_000_000;

export const isGap = (after: number, first: number): boolean => Math.floor(after / RANGE) === Math.floor(first / RANGE) && first > after + 1;
