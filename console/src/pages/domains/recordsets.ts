export const EDITABLE = ['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'CAA'] as const;

export type Type = (typeof EDITABLE)[number];

// What each kind of record holds, a value in a line.
export const SHAPES: Record<Type, { says: string; like: string }> = {
    A: { says: 'IPv4 addresses', like: '203.0.113.7' },
    AAAA: { says: 'IPv6 addresses', like: '2001:db8::7' },
    CNAME: { says: 'One other name', like: 'www.example.net' },
    MX: { says: 'Priority and mail server', like: '10 mail.example.com' },
    TXT: { says: 'Text, as it is', like: 'v=spf1 -all' },
    CAA: { says: 'Flags, tag and value', like: '0 issue "letsencrypt.org"' },
};

// A name as people write it in its zone: `@` for the zone itself.
export function shortName(name: string, zone: string): string {
    const bare = name.replace(/\.$/, '');
    if (bare === zone || bare === '@') {
        return '@';
    }
    return bare.endsWith(`.${zone}`) ? bare.slice(0, -zone.length - 1) : bare;
}

export const lines = (text: string): string[] =>
    text
        .split('\n')
        .map(line => line.trim())
        .filter(Boolean);
