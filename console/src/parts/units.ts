// Numbers as people read them.

const DECIMAL = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'];

export const count = (number: number): string => (number < 10_000 ? number.toLocaleString('en') : SHORT.format(number));

export function bytes(number: number): string {
    const power = Math.min(Math.floor(Math.log10(Math.max(number, 1)) / 3), SIZES.length - 1);
    return `${DECIMAL.format(number / 1000 ** power)} ${SIZES[power]}`;
}

export function duration(ms: number): string {
    if (ms < 1000) {
        return `${Math.round(ms)} ms`;
    }
    if (ms < 60_000) {
        return `${DECIMAL.format(ms / 1000)} s`;
    }
    const seconds = Math.round(ms / 1000);
    return seconds < 3600 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s` : `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

export const percent = (share: number): string => `${DECIMAL.format(share * 100)} %`;
