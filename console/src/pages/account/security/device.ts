// Which browser on which system, as far as its own words tell; they say little and not always the truth.
const BROWSERS: [RegExp, string][] = [[/Edg\//, 'Edge'], [/OPR\//, 'Opera'], [/Firefox\//, 'Firefox'], [/Headless/, 'Headless Chrome'], [/Chrome\//, 'Chrome'], [/Safari\//, 'Safari'], [/^deck/, 'deck'], [/curl/, 'curl']];
const SYSTEMS: [RegExp, string][] = [[/Android/, 'Android'], [/iPhone|iPad/, 'iOS'], [/Windows/, 'Windows'], [/Mac OS X|Macintosh/, 'macOS'], [/Linux/, 'Linux']];

const first = (said: string, of: [RegExp, string][]): string => of.find(([mark]) => mark.test(said))?.[1] ?? '';

export function device(agent: string): string {
    const [browser, system] = [first(agent, BROWSERS), first(agent, SYSTEMS)];
    return browser && system ? `${browser} on ${system}` : browser || system || agent.slice(0, 40);
}
