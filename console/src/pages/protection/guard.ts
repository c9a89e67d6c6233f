import type { Schema } from '@/api/query';

// In answers everything is there; the description of the API calls optional what may be left out of a request.
type Filled<Given> = Given extends (infer One)[] ? Filled<One>[] : Given extends object ? { [Key in keyof Given]-?: Filled<Exclude<Given[Key], undefined>> } : Given;

export type Guard = Filled<Schema<'GuardView'>>;
export type Rate = Guard['rates'][number];
export type Agent = Guard['bots']['agents'][number];

const V4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}(\/(3[0-2]|[12]?\d))?$/;
const V6 = /^[0-9a-f:]*:[0-9a-f:.]*(\/(12[0-8]|1[01]\d|\d?\d))?$/i;

// The first line that is neither an address nor a network; the API looks closer.
export function networkFault(lines: string[]): string | null {
    const wrong = lines.find(line => !V4.test(line) && !V6.test(line));
    return wrong === undefined ? null : `${wrong} is no address and no network, such as 203.0.113.0/24.`;
}

export const WINDOWS = [60, 120, 300, 600] as const;
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export const NEW_RATE: Rate = { name: '', path: '/*', methods: [], key: 'ip', limit: 100, window: 60, action: 'block' };

// What is counted: `ip`, or the value of a header or cookie, as `header:name`.
export function keyParts(key: string): { kind: 'ip' | 'header' | 'cookie'; name: string } {
    const [kind = 'ip', name = ''] = key.split(':', 2);
    return kind === 'header' || kind === 'cookie' ? { kind, name } : { kind: 'ip', name: '' };
}

export const lines = (text: string): string[] => text.split('\n').map(line => line.trim()).filter(Boolean);

// What a guard refuses, in a few words.
export function summary(guard: Guard): string {
    const parts = [
        guard.under_attack && 'everybody proves their work',
        guard.addresses.deny.length > 0 && `${guard.addresses.deny.length} networks refused`,
        guard.countries.deny.length > 0 && `${guard.countries.deny.length} countries refused`,
        guard.countries.allow.length > 0 && `only ${guard.countries.allow.length} countries`,
        guard.bots.known !== 'off' && `scanners: ${guard.bots.known}`,
        guard.rates.length > 0 && `${guard.rates.length} rates`,
    ].filter(Boolean);
    return parts.length ? parts.join(', ') : 'Nothing is refused.';
}
